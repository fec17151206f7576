import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCidr } from "./cidr.ts";
import { policyAddresses } from "./policy-addresses.ts";
import { intersect, size, subtract, union } from "./range-set.ts";

function egress(...blocks: { cidr: string; except?: string[] }[]) {
  return policyAddresses({ policyTypes: ["Egress"], egress: blocks.map((ipBlock) => ({ to: [{ ipBlock }] })) }).egress;
}

const worldIpv4 = egress({ cidr: "0.0.0.0/0" }).publicIpv4;

test("the world is the world in one block, in two halves, and in interleaved /17s", () => {
  expect(worldIpv4).toBeGreaterThan(3_600_000_000);
  expect(egress({ cidr: "0.0.0.0/1" }, { cidr: "128.0.0.0/1" }).publicIpv4).toBe(worldIpv4);
  const interleaved = Array.from({ length: 8 }, (_, index) => ({ cidr: `8.${index}.0.0/17` }));
  expect(egress(...interleaved).publicIpv4).toBe(8 * 2 ** 15);
});

test("except takes one address, and only from its own block", () => {
  expect(egress({ cidr: "0.0.0.0/0", except: ["8.8.8.8/32"] }).publicIpv4).toBe(worldIpv4 - 1);
  expect(egress({ cidr: "0.0.0.0/0", except: ["8.0.0.0/8"] }, { cidr: "8.8.8.0/24" }).publicIpv4).toBe(worldIpv4 - 2 ** 24 + 256);
});

test("IPv4-mapped and translated IPv6 addresses are the IPv4 addresses inside", () => {
  expect(egress({ cidr: "::ffff:0:0/96" }).publicIpv4).toBe(worldIpv4);
  expect(egress({ cidr: "64:ff9b::/96" }).publicIpv4).toBe(worldIpv4);
  expect(egress({ cidr: "::/0" }).publicIpv4).toBe(worldIpv4);
  expect(egress({ cidr: "::ffff:169.254.169.254/128" }).blocks[0]?.metadata).toEqual(["169.254.169.254"]);
});

test("private, shared, documentation and unique-local space is not public", () => {
  const inside = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.51.100.0/24", "fd00::/8", "fe80::/10", "2001:db8::/32"];
  expect(egress(...inside.map((cidr) => ({ cidr })))).toMatchObject({ publicIpv4: 0, publicIpv6Networks: 0 });
});

test("a more specific registry entry wins over the one that holds it", () => {
  expect(egress({ cidr: "192.0.0.0/24" }).publicIpv4).toBe(2);
});

test("IPv6 is counted in /64 networks", () => {
  expect(egress({ cidr: "2a00::/32" }).publicIpv6Networks).toBe(2 ** 32);
  expect(egress({ cidr: "2a00::1/128" }).publicIpv6Networks).toBe(1);
  expect(egress({ cidr: "::/1" }, { cidr: "8000::/1" }).publicIpv6Networks).toBe(egress({ cidr: "::/0" }).publicIpv6Networks);
});

test("a block that holds a metadata address reaches it unless except takes it off", () => {
  expect(egress({ cidr: "169.254.0.0/16" }).blocks[0]?.metadata).toContain("169.254.169.254");
  expect(egress({ cidr: "0.0.0.0/0", except: ["169.254.0.0/16", "100.64.0.0/10"] }).blocks[0]?.metadata).toEqual([]);
});

test("a direction that policyTypes does not list opens nothing", () => {
  expect(policyAddresses({ policyTypes: ["Ingress"], egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }] }).egress.publicIpv4).toBe(0);
});

test.each(["", "1.2.3.4", "1.2.3/8", "256.0.0.0/8", "1.2.3.4/33", "::1::/64", "1:2:3:4:5:6:7:8:9/64", "1:2:3:4:5:6:7::8/64x", "::/129", "g::/16"])(
  "%j is no CIDR and is reported by its path",
  (cidr) => {
    expect(egress({ cidr }).unreadable).toEqual(["spec.egress[0].to[0].ipBlock.cidr"]);
  },
);

test("peers that are no list, and rules that are null, are nobody's crash", () => {
  expect(policyAddresses({ policyTypes: ["Egress"], egress: [null, { to: "x" }, { to: [null] }] as never }).egress.blocks).toEqual([]);
});

test("leading zeros hide nothing", () => {
  expect(egress({ cidr: "000.000.000.000/00" }).publicIpv4).toBe(worldIpv4);
  expect(egress({ cidr: "00002000::/3" }).publicIpv6Networks).toBeGreaterThan(2 ** 32);
  expect(parseCidr("010.0.0.0/8")).toEqual(parseCidr("10.0.0.0/8"));
});

test("host bits are ignored", () => {
  expect(parseCidr("10.1.2.3/8")).toEqual(parseCidr("10.0.0.0/8"));
  expect(parseCidr("2001:DB8:0:0:0:0:0:1/32")).toEqual(parseCidr("2001:db8::/32"));
});

const ranges = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 12 })).map(([first, length]) => ({ first: BigInt(first), last: BigInt(first + length) })),
);

test("range sets agree with sets of integers", () => {
  const members = (set: readonly { first: bigint; last: bigint }[]) =>
    new Set(set.flatMap(({ first, last }) => Array.from({ length: Number(last - first) + 1 }, (_, i) => Number(first) + i)));
  fc.assert(
    fc.property(ranges, ranges, (one, two) => {
      const [a, b] = [members(one), members(two)];
      expect(members(union([...one, ...two]))).toEqual(a.union(b));
      expect(members(subtract(union(one), union(two)))).toEqual(a.difference(b));
      expect(members(intersect(union(one), union(two)))).toEqual(a.intersection(b));
      expect(Number(size(union(one)))).toBe(a.size);
    }),
  );
});
