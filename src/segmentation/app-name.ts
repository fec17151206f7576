/** The longest label value that Kubernetes accepts (apimachinery validation: LabelValueMaxLength). */
const labelValueMaxLength = 63;

/**
 * A label value for a workload's name: the name itself where it fits, else its start and a hash of the whole, so that
 * two long names with one beginning stay two applications. Object names are DNS subdomains, so every character is legal
 * in a label value; what is cut must still end in an alphanumeric.
 */
export function appLabelValue(name: string): string {
  if (name.length <= labelValueMaxLength) return name;
  const suffix = fnv1a(name);
  const head = name.slice(0, labelValueMaxLength - suffix.length - 1).replace(/[^A-Za-z0-9]+$/, "");
  return `${head}-${suffix}`;
}

/** FNV-1a, 32 bit, as eight hexadecimal digits: not for security, only to tell long names apart. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
