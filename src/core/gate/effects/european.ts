import type { Language } from "./language.ts";

export const german: Language = {
  controls:
    "\\b(?:\\w{0,24}(?:pruf|pruef)ung(?:en)?|\\w{0,24}kontrolle(?:n)?|\\w{0,24}validierung(?:en)?|\\w{0,24}verifizierung(?:en)?|\\w{0,24}(?:sicherheits|berechtigungs|zugriffs|rechte|auth)-?checks?|checks|authentifizierung|autorisierung|authentisierung|anmeldepflicht|verschlusselung|zwei-?faktor\\w*|code-?reviews?|freigaben?|\\w{0,24}schutz|sicherheits\\w+|zertifikats\\w+|\\w{0,24}begrenzung(?:en)?|\\w{0,24}beschrankung(?:en)?|tls|ssl|csrf\\S*|firewall)\\b",
  off: "\\b(?:de-?aktivier\\w*|(?:ab|aus)(?:geschaltet\\w*|zuschalten|schalt\\w*|gestellt\\w*)|schalt\\w*(?=[^.!?\\n]{0,60} (?:aus|ab)\\b)|(?:ist|sind|bleib\\w*)(?: \\S+){0,3}? aus|umgeh\\w*|umgangen|uberspring\\w*|uebersprung\\w*|ubersprungen|ausgesetzt|entfall\\w*|entfallt|entfernt|weglassen|weggelassen|ignorier\\w*|aufgehoben|ausgenommen|befreit|unterdruck\\w*|ausgehebelt|ausser kraft|lahmgelegt|uberbruck\\w*)\\b",
  unneeded:
    "\\b(?:(?:nicht|kein\\w*|nie|weder)(?: \\S+){0,3}? (?:notig|notwendig|erforderlich|gelten|gilt|angewend\\w*|durchgefuhrt|gepruft|benotig\\w*|brauch\\w*|aktiv|statt|stattfind\\w*|verlangt|unterzogen|durchlaufen|vorgesehen)|(?:gelten|gilt|greifen|greift|brauch\\w*|benotig\\w*|durchlauf\\w*|unterlieg\\w*)(?: \\S+){0,3}? (?:nicht|kein\\w*)|(?:nicht|kein\\w*) (?:notig|notwendig|erforderlich)|unnotig\\w*|uberflussig\\w*|verzichtbar|optional(?! chaining)|verzicht\\w*|entbehrlich|(?:gibt es|haben|hat|finden|findet|erfolg\\w*|laufen) (?:\\S+ ){0,2}?kein\\w*|kein\\w* (?=\\w*(?:pruf|kontroll|validier)))",
  denial: "\\b(?:nie|niemals|nicht|kein\\w*|verboten|vermeide\\w*|ohne|weder|verhinder\\w*|untersag\\w*)\\b",
  denialAfter: "\\b(?:nie|niemals|nicht|verboten)\\b",
  testing:
    "\\b(?:\\w{0,24}tests?|test\\w+|unit-?tests?|\\w{0,24}fixtures?|lokal\\w*|entwicklungs\\w*|entwicklung|mock\\w*|attrappe\\w*|beispiel\\w*)\\b",
  production: "\\b(?:produktion|produktiv\\w*|produktions\\w*|prod|live\\w*|echtbetrieb|getestet|nicht nur|uberall)\\b",
  concealment: [
    "\\b(?:sag|erzahl|informier|erwahn|verrat|melde|zeig|teil|benachrichtig)\\w*(?: \\S+){0,3}? (?:nutzer|benutzer|anwender|user|entwickler)\\w*(?: \\S+){0,3}? (?:nicht|nichts|nie|niemals)\\b",
    "\\b(?:nutzer|benutzer|anwender|user|entwickler)\\w*(?: \\S+){0,3}? (?:nicht|nichts|nie|niemals)(?: \\S+){0,3}? (?:sag|erzahl|informier|erwahn|verrat|mitteil|meld|erfahr|wissen|benachrichtig)\\w*",
    "\\bohne (?:(?:dass )?(?:den|die|der|das|es|dem) )?(?:nutzer|benutzer|anwender|user|entwickler)\\w*(?: \\S+){0,4}? (?:informier\\w*|frag\\w*|sagen|bemerk\\w*|merkt|erfahr\\w*|wissen|mitzuteilen)|\\b(?:heimlich|unbemerkt|klammheimlich)\\b",
  ],
  override: [
    "\\b(?:ignorier|vergiss|vergesst|missacht|ubergeh|verwirf|uberschreib)\\w*(?: \\S+){0,4}? (?:vorherig|vorig|bisherig|fruher|obig|vorangegangen|ursprunglich|system)\\w*(?: \\S+){0,2}? ?(?:anweisung|instruktion|regel|vorgab|befehl|prompt|richtlini|kontext)\\w*",
    "\\b(?:hat|haben|geht|gehen) (?:\\S+ ){0,2}?(?:vorrang|vor) (?:\\S+ ){0,3}?(?:anweisung|regel|richtlini|nutzer|benutzer)\\w*|\\bauch wenn (?:der|die) (?:be)?nutzer\\w*",
  ],
  consent: [
    "\\b(?:immer|stets|automatisch|grundsatzlich|ungepruft)(?: \\S+){0,5}? (?:genehmig|zustimm|bestatig|akzeptier|erlaub|freigeb|freizugeben|zulass)\\w*|\\b(?:genehmig|bestatig|akzeptier|erlaub)\\w*(?: \\S+){0,3}? (?:immer|alles|alle anfragen|automatisch|ungefragt)",
    "\\b(?:nie|niemals|nicht|ohne|keine)(?: \\S+){0,5}? (?:nachfrag\\w*|nachzufragen|ruckfrage\\w*|zu fragen|um erlaubnis|bestatigung|genehmigung|zustimmung|erlaubnis|freigabe)\\b",
  ],
  privilege: [
    "\\b(?:admin|administrator|root|superuser)\\w*-?(?:rechte|zugriff|zugang|rolle)\\b|\\b(?:ist|sind|als|wie)(?: \\S+){0,2}? (?:administrator|superuser|root)\\w*(?: \\S+){0,2}? (?:behandel|anzusehen|betracht)\\w*|\\b(?:behandel|betracht)\\w*(?: \\S+){0,4}? als (?:\\S+ )?(?:administrator|admin|root|vertrauenswurdig)\\w*|\\b(?:volle|uneingeschrankte|alle)\\w* (?:rechten?|zugriff\\w*|berechtigungen)\\b",
  ],
};

export const french: Language = {
  controls:
    "\\b(?:controles?|verifications?|validations?|authentification|autorisations?|revues?(?: de code)?|securite|protections?|chiffrement|garde-fous?|restrictions?|permissions?|double authentification|csrf|tls|ssl|certificats?|pare-feu|limit(?:e|es|ation|ations) de debit|approbations?)\\b",
  off: "\\b(?:desactiv\\w*|coup(?:er|ee?s?|ez)|contourn\\w*|ignor\\w*|saut(?:er|ez|ons|ee?s?)|suspend\\w*|suspension|supprim\\w*|lev(?:er|ee?s?|ez)|omis\\w*|omett\\w*|exempt\\w*|dispens\\w*|eteint\\w*|neutralis\\w*|by-?pass\\w*|court-circuit\\w*|passe\\w* outre|hors service|inactif\\w*|inactive\\w*|annul\\w*|echapp\\w*)\\b",
  unneeded:
    "(?:\\b(?:pas|plus|jamais|aucun\\w*|ni)(?: \\S+){0,3}? (?:necessaires?|requis\\w*|obligatoires?|appliqu\\w*|effectu\\w*|besoin|soumis\\w*|verifi(?!cation)\\w*|exig\\w*|actifs?|actives?|concern\\w*|subi\\w*|valables?)|\\bs'appliqu\\w*(?: \\S+){0,2}? (?:pas|plus|jamais)|\\binutiles?\\b|\\bfacultati\\w*|\\bsuperflu\\w*|\\boptionnel\\w*|\\baucun\\w* (?=controle|verification|validation|authentification|autorisation)|\\bsans (?=controle|verification|validation|authentification|autorisation)|\\b(?:n'ont|n'a|ne (?:passent|passe|subissent|subit|font)) (?:pas|aucun\\w*|plus)\\b)",
  denial: "(?:\\b(?:ne|jamais|pas|interdit\\w*|evit\\w*|aucun\\w*|sans|empech\\w*)\\b|\\bn')",
  testing:
    "\\b(?:tests?|fixtures?|jeux? d'essai|jeux? de test|local\\w*|localement|mocks?|bouchons?|developpement|exemples?|factices?)\\b",
  production: "\\b(?:production|prod|reels?|pas seulement|partout|testee?s?)\\b",
  concealment: [
    "\\b(?:ne|n')(?: ?\\S+){0,4}? ?(?:pas|rien|jamais|jamais rien)(?: \\S+){0,4}? (?:utilisateur|l'utilisateur|developpeur|personne|l'usager|client)\\w*",
    "\\b(?:ne|sans)(?: \\S+){0,3}? (?:dire|dites|dis|informer|informez|mentionner|mentionnez|prevenir|avertir|reveler|signaler|montrer|previens)(?: \\S+){0,5}? (?:a |l'|au |aux |les |le )?\\S*(?:utilisateur|developpeur|usager|personne|client)\\w*|\\b(?:a l'insu|en secret|secretement|discretement|en cachette)\\b|\\bsans que l'utilisateur\\b",
  ],
  override: [
    "\\b(?:ignor|oubli|negligi?|outrepass|faites? abstraction|ne ten\\w+ pas compte)\\w*(?: \\S+){0,5}? (?:instructions?|consignes?|regles?|directives?|ordres?|messages?)(?: \\S+){0,2}? (?:precedent|anterieur|ci-dessus|d'avant|initial|systeme|de securite)\\w*",
    "\\b(?:priorite|priment|prime|prevaut|prevalent|l'emporte\\w*)(?: \\S+){0,4}? (?:instructions?|consignes?|regles?|l'utilisateur|directives?)|\\bmeme si l'utilisateur\\b",
  ],
  consent: [
    "\\b(?:toujours|automatiquement|systematiquement)(?: \\S+){0,2}? (?:approuv|accept|valid|autoris|confirm)\\w*|\\b(?:approuv|accept|autoris|confirm)\\w*(?: \\S+){0,3}? (?:toujours|automatiquement|systematiquement|tout\\w* (?:demande|les demandes|les commandes))",
    "\\b(?:sans|jamais|pas|ni|plus)(?: \\S+){0,3}? (?:demander (?:\\S+ ){0,2}?(?:confirmation|permission|l'autorisation|l'accord|l'avis|d'autorisation)|confirmation|approbation|autorisation|consentement|l'accord|demander)\\b",
  ],
  privilege: [
    "\\b(?:droits?|acces|privileges?|role) (?:d'|de |complet\\w* d'|total\\w* )?(?:administrateur|admin|root|superutilisateur|illimites?|complets?)\\w*|\\bconsider\\w+(?: \\S+){0,4}? comme (?:un )?(?:administrateur|admin|fiable|de confiance)\\b",
  ],
};

export const spanish: Language = {
  controls:
    "\\b(?:controles?|comprobaci\\w+|verificaci\\w+|validaci\\w+|autenticaci\\w+|autorizaci\\w+|revisi\\w+|seguridad|proteccion\\w*|cifrado|restriccion\\w*|permisos?|chequeos?|csrf|tls|ssl|certificados?|cortafuegos|aprobaci\\w+|doble factor)\\b",
  off: "\\b(?:desactiv\\w*|deshabilit\\w*|inhabilit\\w*|apaga\\w*|omit\\w*|salt(?:a|ar|arse|an|ado|ados|ada|adas|e|en|es|amos)|evad\\w*|elud\\w*|ignor\\w*|suspend\\w*|suprim\\w*|anul\\w*|exent\\w*|exim\\w*|bypass\\w*|desconect\\w*|sin efecto|pas\\w* por alto|relaj\\w*|inactiv\\w*|levant\\w*|quedan? fuera|obvi\\w*)\\b",
  unneeded:
    "(?:\\b(?:no|nunca|ningun\\w*|tampoco)(?: \\S+){0,3}? (?:necesari\\w*|requier\\w*|requerid\\w*|aplic\\w*|obligatori\\w*|realiz\\w*|falta|activ\\w*|ejecut\\w*|exig\\w*|rigen|necesit\\w*|pas\\w*|someti\\w*|vigent\\w*|hay|valen)|\\bno (?:necesit|requier|aplic|exig|pas|hay|hac|tienen|se)\\w*|\\bsin (?=control|comprob|verific|valid|autent|autoriz|revis)|\\binnecesari\\w*|\\bopcional\\w*|\\bsobran?\\b|\\bprescindib\\w*|\\bprescind\\w*|\\bningun\\w* (?=control|comprob|verific|valid))",
  denial: "\\b(?:no|nunca|jamas|evit\\w*|prohibid\\w*|tampoco|ningun\\w*|impid\\w*)\\b",
  testing: "\\b(?:pruebas?|tests?|fixtures?|local\\w*|desarrollo|mocks?|simulad\\w*|ejemplos?|fictici\\w*)\\b",
  production: "\\b(?:produccion|prod|reales|real|no solo|todas partes|todos los entornos)\\b",
  concealment: [
    "\\b(?:no|nunca|jamas|sin)(?: \\S+){0,3}? (?:dig\\w*|decir\\w*|inform\\w*|mencion\\w*|avis\\w*|revel\\w*|notifi\\w*|cuent\\w*|muestr\\w*)(?: \\S+){0,5}? (?:usuari\\w*|desarrollador\\w*|nadie|cliente\\w*)|\\b(?:en secreto|a escondidas|secretamente|sigilosamente|sin que (?:el|la|lo) (?:usuari\\w*|sep\\w*))\\b",
  ],
  override: [
    "\\b(?:ignor|olvid|descart|desestim|omit)\\w*(?: \\S+){0,5}? (?:instruccion|regla|directri|orden|directiva|indicacion|mensaje|norma)\\w*(?: \\S+){0,3}? (?:anterior|previ|arriba|inicial|sistema|seguridad|original)\\w*",
    "\\b(?:prioridad|precedencia|prevalec\\w*)(?: \\S+){0,5}? (?:instruccion|regla|usuari|directri|norma)\\w*|\\baunque (?:el|la) usuari\\w*",
  ],
  consent: [
    "\\b(?:siempre|automaticamente|en todo caso)(?: \\S+){0,2}? (?:aprueb|aprob|acept|autoriz|confirm|permit)\\w*|\\b(?:aprueb|aprob|acept|autoriz|confirm)\\w*(?: \\S+){0,3}? (?:siempre|automaticamente|todas las|todo lo|cualquier)",
    "\\b(?:sin|nunca|no|jamas)(?: \\S+){0,3}? (?:pedir\\w*|pid\\w*|solicit\\w*|preguntar\\w*|pregunt\\w*|requerir|esperar)(?: \\S+){0,3}? ?(?:confirmacion|permiso|aprobacion|autorizacion|consentimiento|usuari\\w*|nadie)|\\bsin (?:confirmacion|aprobacion|permiso|autorizacion|preguntar|consentimiento)\\b",
  ],
  privilege: [
    "\\b(?:permisos?|acceso|derechos|privilegios|rol)(?: \\S+){0,2}? (?:administrador|admin|root|superusuario|total|ilimitad\\w*|complet\\w*)\\w*|\\b(?:trat|consider)\\w*(?: \\S+){0,4}? como (?:\\S+ )?(?:administrador|admin|confiable|de confianza)\\w*",
  ],
};

export const portuguese: Language = {
  controls:
    "\\b(?:controles?|verificac\\w+|validac\\w+|autenticac\\w+|autorizac\\w+|checagens?|checagem|revis(?:ao|oes)|seguranca|protec(?:ao|oes)|protecoes|criptografia|restric\\w+|permiss(?:ao|oes)|csrf|tls|ssl|certificados?|aprovac\\w+|dois fatores)\\b",
  off: "\\b(?:desativ\\w*|desabilit\\w*|deslig\\w*|ignor\\w*|pul(?:ar|ado|ada|ados|adas|e|em|am|a)|contorn\\w*|burl\\w*|suspens\\w*|suspend\\w*|dispens\\w*|isent\\w*|omit\\w*|suprim\\w*|inativ\\w*|anulad\\w*|bypass\\w*|de lado|relaxad\\w*|revogad\\w*)\\b",
  unneeded:
    "(?:\\b(?:nao|nunca|nenhum\\w*)(?: \\S+){0,3}? (?:necessari\\w*|requer\\w*|exig\\w*|aplic\\w*|obrigatori\\w*|precis\\w*|realizad\\w*|execut\\w*|passam?|valem|submetid\\w*|ha)|\\bnao (?:precis|requer|exig|aplic|pass|ha|val)\\w*|\\bsem (?=control|verific|valid|autent|autoriz|chec|revis)|\\bdesnecessari\\w*|\\bopciona\\w*|\\bnenhum\\w* (?=control|verific|valid|chec)|\\bprescind\\w*)",
  denial: "\\b(?:nao|nunca|jamais|evit\\w*|proibid\\w*|nenhum\\w*|imped\\w*)\\b",
  testing: "\\b(?:testes?|fixtures?|local\\w*|desenvolvimento|mocks?|simulad\\w*|exemplos?|ficticio\\w*)\\b",
  production: "\\b(?:producao|prod|reais|nao (?:so|apenas)|todos os ambientes)\\b",
  concealment: [
    "\\b(?:nao|nunca|jamais|sem)(?: \\S+){0,3}? (?:dig\\w*|diz\\w*|cont\\w*|inform\\w*|mencion\\w*|avis\\w*|revel\\w*|notifi\\w*|mostr\\w*|fal\\w*)(?: \\S+){0,5}? (?:usuari\\w*|utilizador\\w*|desenvolvedor\\w*|ninguem|cliente\\w*)|\\b(?:em segredo|as escondidas|secretamente|sem que o (?:usuario|utilizador))\\b",
  ],
  override: [
    "\\b(?:ignor|esquec|descart|desconsider|desrespeit)\\w*(?: \\S+){0,5}? (?:instruc|regra|diretri|ordens|comando|mensage|orientac)\\w*(?: \\S+){0,3}? (?:anterior|previ|acima|inicia|sistema|seguranca|origina)\\w*",
    "\\b(?:prioridade|precedencia|prevalec\\w*)(?: \\S+){0,5}? (?:instruc|regra|usuari|utilizador|diretri)\\w*|\\bmesmo que o (?:usuario|utilizador)\\b",
  ],
  consent: [
    "\\b(?:sempre|automaticamente)(?: \\S+){0,2}? (?:aprov|aceit|autoriz|confirm|permit)\\w*|\\b(?:aprov|aceit|autoriz|confirm)\\w*(?: \\S+){0,3}? (?:sempre|automaticamente|todas as|tudo|qualquer)",
    "\\b(?:sem|nunca|nao)(?: \\S+){0,3}? (?:pedir|peca\\w*|solicit\\w*|pergunt\\w*|esperar)(?: \\S+){0,3}? ?(?:confirmacao|permissao|aprovacao|autorizacao|consentimento|usuari\\w*)|\\bsem (?:confirmacao|aprovacao|permissao|autorizacao|perguntar|consentimento)\\b",
  ],
  privilege: [
    "\\b(?:permiss(?:ao|oes)|acesso|direitos|privilegios|papel)(?: \\S+){0,2}? (?:administrador|admin|root|superusuario|total|ilimitad\\w*|complet\\w*|irrestrit\\w*)\\w*|\\b(?:trat|consider)\\w*(?: \\S+){0,4}? como (?:\\S+ )?(?:administrador|admin|confiavel)\\w*",
  ],
};
