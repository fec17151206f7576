/**
 * The IANA IPv4 and IPv6 special-purpose address registries (RFC 6890; state of 2025-10-09), each block with whether it
 * is globally reachable. Longest prefix wins. Blocks that the registries leave blank or "N/A" (6to4, Teredo, deprecated
 * relays) count as globally reachable: they lead out of the cluster. Multicast (RFC 5771, RFC 4291) and site-local
 * (RFC 3879) are not in the registries and are added here.
 */
export const specialBlocks: readonly (readonly [cidr: string, globallyReachable: boolean])[] = [
  ["0.0.0.0/8", false],
  ["10.0.0.0/8", false],
  ["100.64.0.0/10", false],
  ["127.0.0.0/8", false],
  ["169.254.0.0/16", false],
  ["172.16.0.0/12", false],
  ["192.0.0.0/24", false],
  ["192.0.0.9/32", true],
  ["192.0.0.10/32", true],
  ["192.0.2.0/24", false],
  ["192.168.0.0/16", false],
  ["198.18.0.0/15", false],
  ["198.51.100.0/24", false],
  ["203.0.113.0/24", false],
  ["224.0.0.0/4", false],
  ["240.0.0.0/4", false],
  ["::/128", false],
  ["::1/128", false],
  ["::ffff:0:0/96", false],
  ["64:ff9b:1::/48", false],
  ["100::/64", false],
  ["100:0:0:1::/64", false],
  ["2001::/23", false],
  ["2001::/32", true],
  ["2001:1::1/128", true],
  ["2001:1::2/128", true],
  ["2001:1::3/128", true],
  ["2001:3::/32", true],
  ["2001:4:112::/48", true],
  ["2001:10::/28", true],
  ["2001:20::/28", true],
  ["2001:30::/28", true],
  ["2001:db8::/32", false],
  ["3fff::/20", false],
  ["5f00::/16", false],
  ["fc00::/7", false],
  ["fe80::/10", false],
  ["fec0::/10", false],
  ["ff00::/8", false],
];

/** First addresses of the IPv6 blocks that carry a whole IPv4 address in their last 32 bits: `::ffff:0:0/96`, `64:ff9b::/96`. */
export const embeddedIpv4Ranges: readonly bigint[] = [0xffff00000000n, 0x0064ff9bn << 96n];
