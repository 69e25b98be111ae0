/** A moment as a person names it: `3 Nov, 14:02`, in the time of where they are. */
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The year is said where it is another one than now. */
export function momentText(moment: Date, now: Date): string {
  const year = moment.getFullYear() === now.getFullYear() ? "" : ` ${moment.getFullYear()}`;
  const minutes = String(moment.getMinutes()).padStart(2, "0");
  return `${moment.getDate()} ${MONTHS[moment.getMonth()]}${year}, ${moment.getHours()}:${minutes}`;
}
