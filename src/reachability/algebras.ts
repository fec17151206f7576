import { everyAddress, intersectAddresses, isNoAddress, noAddresses, subtractAddresses, uniteAddresses } from "./addresses.ts";
import { type BitSet, bothBits, isEmptyBits, united, withoutBits } from "./bit-set.ts";
import type { Algebra } from "./decide.ts";
import type { Addresses } from "./policy.ts";
import { everyPort, intersectPorts, noPorts, type PortSet, subtractPorts, unitePorts } from "./port-set.ts";

/** The ports between two endpoints. */
export const portAlgebra: Algebra<PortSet> = {
  none: noPorts,
  all: everyPort,
  unite: unitePorts,
  intersect: intersectPorts,
  subtract: subtractPorts,
  isNone: ({ length }) => length === 0,
};

/** The plain addresses at one end of a port. */
export const addressAlgebra: Algebra<Addresses> = {
  none: noAddresses,
  all: everyAddress,
  unite: uniteAddresses,
  intersect: intersectAddresses,
  subtract: subtractAddresses,
  isNone: isNoAddress,
};

/** The endpoints out of `all` at one end of a port. `none` is told by identity: it is what most rules leave of most traffic. */
export function endpointAlgebra(all: BitSet, none: BitSet): Algebra<BitSet> {
  const unite = (one: BitSet, two: BitSet) => {
    if (one === none) return two;
    return two === none ? one : united(one, two);
  };
  const intersect = (one: BitSet, two: BitSet) => (one === none || two === none ? none : bothBits(one, two));
  const subtract = (one: BitSet, two: BitSet) => (one === none || two === none ? one : withoutBits(one, two));
  return { none, all, unite, intersect, subtract, isNone: (set) => set === none || isEmptyBits(set) };
}
