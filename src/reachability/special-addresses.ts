/** What an address is for. `public` is everything that no registry sets apart; `transition` is Teredo and 6to4. */
export type AddressClass =
  | "public"
  | "private"
  | "shared"
  | "loopback"
  | "link-local"
  | "documentation"
  | "benchmarking"
  | "multicast"
  | "reserved"
  | "translation"
  | "transition"
  | "anycast-service";

/**
 * The IANA IPv4 and IPv6 special-purpose address registries (RFC 6890; state of 2025-10-09), each block with whether it
 * is globally reachable. Longest prefix wins. Blocks that the registries leave blank or "N/A" (6to4, Teredo, deprecated
 * relays) count as globally reachable: they lead out of the cluster. Multicast (RFC 5771, RFC 4291) and site-local
 * (RFC 3879) are not in the registries and are added here.
 */
export const specialBlocks: readonly (readonly [cidr: string, globallyReachable: boolean, addressClass: AddressClass])[] = [
  ["0.0.0.0/8", false, "reserved"],
  ["10.0.0.0/8", false, "private"],
  ["100.64.0.0/10", false, "shared"],
  ["127.0.0.0/8", false, "loopback"],
  ["169.254.0.0/16", false, "link-local"],
  ["172.16.0.0/12", false, "private"],
  ["192.0.0.0/24", false, "reserved"],
  ["192.0.0.9/32", true, "anycast-service"],
  ["192.0.0.10/32", true, "anycast-service"],
  ["192.0.2.0/24", false, "documentation"],
  ["192.168.0.0/16", false, "private"],
  ["198.18.0.0/15", false, "benchmarking"],
  ["198.51.100.0/24", false, "documentation"],
  ["203.0.113.0/24", false, "documentation"],
  ["224.0.0.0/4", false, "multicast"],
  ["240.0.0.0/4", false, "reserved"],
  ["::/128", false, "reserved"],
  ["::1/128", false, "loopback"],
  ["::ffff:0:0/96", false, "translation"],
  ["64:ff9b::/96", true, "translation"],
  ["64:ff9b:1::/48", false, "translation"],
  ["100::/64", false, "reserved"],
  ["100:0:0:1::/64", false, "reserved"],
  ["2001::/23", false, "reserved"],
  ["2001::/32", true, "transition"],
  ["2001:1::1/128", true, "anycast-service"],
  ["2001:1::2/128", true, "anycast-service"],
  ["2001:1::3/128", true, "anycast-service"],
  ["2001:2::/48", false, "benchmarking"],
  ["2001:3::/32", true, "public"],
  ["2001:4:112::/48", true, "public"],
  ["2001:10::/28", true, "reserved"],
  ["2001:20::/28", true, "reserved"],
  ["2001:30::/28", true, "public"],
  ["2001:db8::/32", false, "documentation"],
  ["2002::/16", true, "transition"],
  ["3fff::/20", false, "documentation"],
  ["5f00::/16", false, "reserved"],
  ["fc00::/7", false, "private"],
  ["fe80::/10", false, "link-local"],
  ["fec0::/10", false, "private"],
  ["ff00::/8", false, "multicast"],
];

/** First addresses of the IPv6 blocks that carry a whole IPv4 address in their last 32 bits: `::ffff:0:0/96`, `64:ff9b::/96`. */
export const embeddedIpv4Ranges: readonly bigint[] = [0xffff00000000n, 0x0064ff9bn << 96n];
