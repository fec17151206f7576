/** Orders versions `major.minor.patch`: below 0 where the first is older, 0 where they are the same. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split(".").map(Number)) as [number[], number[]];
  const differing = a.findIndex((part, index) => part !== b[index]);
  return differing < 0 ? 0 : (a[differing] as number) - (b[differing] ?? 0);
}
