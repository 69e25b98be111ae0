import type { Language } from "./language.ts";

export const italian: Language = {
  controls:
    "\\b(?:controll[oi]|verific(?:a|he)|validazion\\w+|autenticazion\\w+|autorizzazion\\w+|sicurezza|protezion\\w+|revision\\w+|cifratura|restrizion\\w+|permess[oi]|approvazion\\w+|csrf|tls|ssl|certificat[oi])\\b",
  off: "\\b(?:disattiv\\w*|disabilit\\w*|spent\\w*|aggir\\w*|salt(?:are|ato|ata|ati|ate|a|ano|i)|ignor\\w*|sospes\\w*|sospend\\w*|omess\\w*|omett\\w*|esent\\w*|esclus\\w*|rimoss\\w*|bypass\\w*|elus\\w*|annullat\\w*|inattiv\\w*)\\b",
  unneeded:
    "(?:\\bnon(?: \\S+){0,3}? (?:necessari\\w*|richiest\\w*|richied\\w*|applic\\w*|obbligatori\\w*|serv\\w*|esegu\\w*|valgono|soggett\\w*|attiv\\w*)|\\bsenza (?=controll|verific|valid|autent|autoriz)|\\bsuperflu\\w*|\\bfacoltativ\\w*|\\bopzional\\w*|\\bnessun\\w* (?=controll|verific|valid)|\\binutil\\w*)",
  denial: "\\b(?:non|mai|evit\\w*|vietat\\w*|nessun\\w*)\\b",
  testing: "\\b(?:test\\w*|fixture\\w*|local\\w*|sviluppo|mock\\w*|finti|esempi\\w*)\\b",
  production: "\\b(?:produzione|prod|reali|non solo|ovunque)\\b",
  concealment: [
    "\\b(?:non|mai|senza)(?: \\S+){0,3}? (?:dir\\w*|informar\\w*|menzionar\\w*|avvisar\\w*|rivelar\\w*|segnalar\\w*|mostrar\\w*)(?: \\S+){0,4}? (?:al|all'|l'|lo|agli|gli)? ?\\S*(?:utent|sviluppator|nessun)\\w*|\\b(?:di nascosto|in segreto|segretamente|all'insaputa)\\b",
  ],
  override: [
    "\\b(?:ignor|dimentic|scart|trascur)\\w*(?: \\S+){0,5}? (?:istruzion|regol|direttiv|comand|messagg)\\w*(?: \\S+){0,3}? (?:precedent|sopra|inizial|sistema|sicurezza|original)\\w*|\\b(?:ignora|dimentica)\\w*(?: \\S+){0,3}? precedenti (?:istruzion|regol)\\w*",
  ],
  consent: [
    "\\b(?:sempre|automaticamente)(?: \\S+){0,2}? (?:approv|accett|autorizz|conferm|permett)\\w*|\\b(?:approva|accetta|autorizza|conferma)\\w*(?: \\S+){0,3}? (?:sempre|automaticamente|tutte le|tutto|qualsiasi)|\\b(?:senza|mai|non)(?: \\S+){0,3}? (?:chieder\\w*|richieder\\w*|attender\\w*)(?: \\S+){0,2}? ?(?:conferma|permesso|approvazione|autorizzazione|consenso|utente)?|\\bsenza (?:conferma|approvazione|permesso|consenso)\\b",
  ],
  privilege: [
    "\\b(?:permessi|accesso|diritti|privilegi|ruolo)(?: \\S+){0,2}? (?:amministrator\\w*|admin|root|illimitat\\w*|complet\\w*|totale)\\b",
  ],
};

export const dutch: Language = {
  controls:
    "\\b(?:\\w{0,24}controles?|verificaties?|validaties?|authenticatie|autorisatie|beveiliging\\w*|veiligheids\\w+|goedkeuring(?:en)?|versleuteling|beperking(?:en)?|tls|ssl|csrf)\\b",
  off: "\\b(?:uitgeschakeld\\w*|uit te schakelen|uitschakel\\w*|schakel\\w*(?: \\S+){0,5}? uit|uitgezet|uitzetten|(?:staan|staat|zijn|is)(?: \\S+){0,3}? uit|overgeslagen|overslaan|sla\\w*(?: \\S+){0,5}? over|omzeil\\w*|genegeerd|negeer\\w*|vrijgesteld|opgeschort|gedeactiveerd|deactiveer\\w*)\\b",
  unneeded:
    "(?:\\b(?:niet|geen|nooit)(?: \\S+){0,2}? (?:nodig|vereist|toepassing|verplicht|toegepast|uitgevoerd|gelden)|\\bgelden niet\\b|\\bgeldt niet\\b|\\bgeen (?=\\w*controle|verific|valid|authent)|\\bzonder (?=\\w*controle|verific|valid|authent)|\\boverbodig\\w*|\\boptioneel\\b|\\bonnodig\\w*)",
  denial: "\\b(?:nooit|niet|geen|vermijd\\w*|verboden)\\b",
  testing: "\\b(?:\\w{0,24}tests?|test\\w+|\\w{0,24}fixtures?|lokaal|lokale|ontwikkel\\w*|mock\\w*|voorbeeld\\w*)\\b",
  production: "\\b(?:productie\\w*|prod|live|niet alleen|overal)\\b",
  concealment: [
    "\\b(?:vertel|zeg|informeer|meld|vermeld)\\w*(?: \\S+){0,4}? gebruiker\\w*(?: \\S+){0,3}? (?:niet|niets|nooit)|\\bzonder (?:de |dat de )?gebruiker\\w*|\\b(?:stiekem|heimelijk|ongemerkt)\\b",
  ],
  override: [
    "\\b(?:negeer|vergeet)(?: \\S+){0,4}? (?:vorige|eerdere|voorgaande|bovenstaande)(?: \\S+){0,2}? (?:instructies|regels|opdrachten|aanwijzingen)",
  ],
  consent: [
    "\\b(?:altijd|automatisch)(?: \\S+){0,4}? (?:goedkeur|goed te keuren|accepteer|bevestig|toesta)\\w*|\\bkeur\\w*(?: \\S+){0,3}? altijd\\b|\\b(?:zonder|nooit|niet)(?: \\S+){0,3}? (?:toestemming|bevestiging|goedkeuring|te vragen)\\b",
  ],
  privilege: [
    "\\b(?:beheerders?|admin|root)-?(?:rechten|toegang)\\b|\\b(?:volledige|onbeperkte) (?:toegang|rechten)\\b",
  ],
};

export const polish: Language = {
  controls:
    "\\b(?:kontrol\\w+|sprawdz\\w+|weryfikacj\\w+|walidacj\\w+|uwierzytelni\\w+|autoryzacj\\w+|zabezpiecze\\w+|bezpieczenstw\\w+|ograniczen\\w+|szyfrowani\\w+|tls|ssl|csrf)\\b",
  off: "\\b(?:wylacz\\w*|dezaktyw\\w*|pomin\\w*|pomij\\w*|omij\\w*|omin\\w*|obejd\\w*|obchodz\\w*|zawiesz\\w*|ignor\\w*|zniesion\\w*|zwolnien\\w*|nieaktywn\\w*)\\b",
  unneeded:
    "(?:\\bnie(?: \\S+){0,2}? (?:wymagan\\w*|wymaga\\w*|potrzebn\\w*|obowiazuj\\w*|stosuj\\w*|dotycz\\w*|potrzeb\\w*|trzeba)|\\bnie (?:obowiazuj|dotycz|podlegaj|przechodz)\\w*|\\bbez (?=kontrol|weryf|walid|autoryz|uwierz)|\\bzbedn\\w*|\\bopcjonaln\\w*|\\bniepotrzebn\\w*)",
  denial: "\\b(?:nie|nigdy|zabroni\\w*|unikaj\\w*|nie wolno)\\b",
  testing: "\\b(?:test\\w*|lokaln\\w*|deweloper\\w*|mock\\w*|fixture\\w*|atrap\\w*|przyklad\\w*)\\b",
  production: "\\b(?:produkcj\\w*|produkcyjn\\w*|prod|nie tylko|wszedzie)\\b",
  concealment: [
    "\\b(?:nie|nigdy|bez)(?: \\S+){0,2}? (?:mow\\w*|inform\\w*|wspomin\\w*|ujawni\\w*|powiadami\\w*)(?: \\S+){0,4}? (?:uzytkownik\\w*|nikomu)|\\b(?:potajemnie|po cichu|w tajemnicy|bez wiedzy)\\b",
  ],
  override: [
    "\\b(?:zignoruj|ignoruj|zapomnij|pomin)\\w*(?: \\S+){0,4}? (?:poprzedni|wczesniejsz|powyzsz|dotychczasow)\\w*(?: \\S+){0,2}? (?:instrukcj|polece|zasad|regul)\\w*",
  ],
  consent: [
    "\\b(?:zawsze|automatycznie)(?: \\S+){0,2}? (?:zatwierdz|akceptuj|potwierdz|zezwal)\\w*|\\bbez (?:pytania|potwierdzenia|zgody|zatwierdzenia)\\b",
  ],
  privilege: [
    "\\b(?:uprawnieni\\w*|dostep\\w*)(?: \\S+){0,2}? (?:administrator\\w*|admin\\w*|root|peln\\w*|nieograniczon\\w*)",
  ],
};

export const turkish: Language = {
  controls:
    "\\b(?:\\w{0,24}kontrol\\w*|\\w{0,24}dogrulama\\w*|denetim\\w*|guvenlik\\w*|yetkilendirme\\w*|onay\\w*|kisitlama\\w*|tls|ssl|csrf)\\b",
  off: "\\b(?:devre disi\\w*|kapat\\w*|kapali\\w*|atlan\\w*|atlay\\w*|atla|yok say\\w*|gormezden|muaf\\w*|pas gec\\w*|etkisiz\\w*|by-?pass\\w*)\\b",
  unneeded:
    "\\b(?:gerekmez|gerekmiyor|gerekli degil\\w*|gerek yok\\w*|uygulanmaz|uygulanmiyor|yapilmaz|yapilmiyor|zorunlu degil\\w*|gereksiz\\w*|istege bagli)\\b",
  denial: "\\b(?:asla|hicbir zaman|sakin)\\b",
  denialAfter: "\\b(?:yasak\\w*|edilmemeli\\w*|etmeyin|kapatmayin|atlamayin|edilemez)\\b",
  testing: "\\b(?:test\\w*|yerel\\w*|gelistirme\\w*|mock\\w*|fixture\\w*|ornek\\w*)\\b",
  production: "\\b(?:uretim\\w*|canli\\w*|prod|sadece test\\w* degil)\\b",
  concealment: [
    "\\bkullanici\\w*(?: \\S+){0,4}? (?:soyleme|bildirme|bahsetme|haber verme)\\w*|\\b(?:gizlice|sessizce|haberi olmadan)\\b",
  ],
  override: [
    "\\b(?:onceki|yukaridaki|daha onceki)(?: \\S+){0,3}? (?:talimat|kural|yonerge|komut)\\w*(?: \\S+){0,2}? (?:yok say|unut|gormezden|dikkate alma)\\w*",
  ],
  consent: [
    "\\b(?:her zaman|daima|otomatik\\w*)(?: \\S+){0,4}? (?:onayla|kabul et|izin ver)\\w*|\\b(?:sormadan|onay almadan|izin istemeden|onaysiz)\\b",
  ],
  privilege: [
    "\\b(?:yonetici|admin|root)\\w*(?: \\S+){0,1}? (?:yetki|erisim|hak)\\w*|\\b(?:tam|sinirsiz) (?:yetki|erisim)\\w*",
  ],
};
