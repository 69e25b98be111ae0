/** Who did it, as a person reads it: `copilot/gpt-5.2` is copilot, `human:alice` is alice. */

const LONGEST = 40;

export function actorName(actor: string | undefined): string {
  const name =
    (actor ?? "")
      .replace(/^human:/, "")
      .split("/")[0]
      ?.replace(/\s+/g, " ")
      .trim() ?? "";
  if (name === "") return "someone";
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}

/** As spoken: programs have proper names. */
export function spokenActor(actor: string | undefined): string {
  const name = actorName(actor);
  return actor?.startsWith("human:") === true ? name : name.charAt(0).toUpperCase() + name.slice(1);
}
