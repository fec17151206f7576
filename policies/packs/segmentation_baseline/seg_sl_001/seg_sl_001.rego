# METADATA
# title: No rule that lets everybody in or out
# description: >-
#   A rule without peers and ports allows all traffic of its direction and makes every other rule of the policy pointless.
#   A rule with ports and no peers opens those ports to everybody.
# scope: package
# custom:
#   id: SEG-SL-001
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     Policies add up: one rule for everybody makes all the narrow ones beside it pointless.
#   remediation: Name who may connect (from, to) and on which ports.
package packs.segmentation_baseline.seg_sl_001

import data.lib.policies

deny contains violation if {
	some rule in policies.rules
	count(rule.ports) == 0
	anybody(rule)
	violation := {
		"message": sprintf("%s allows all %s traffic: it names neither peers nor ports", [rule.path, rule.direction]),
		"path": rule.path,
		"fix": sprintf("name peers in %s.%s and their ports, or remove the rule", [rule.path, rule.side]),
		"details": {"direction": rule.direction, "opens": "everything"},
	}
}

deny contains violation if {
	some rule in policies.rules
	count(rule.ports) > 0
	anybody(rule)
	violation := {
		"message": sprintf("%s opens its ports to everybody: it names no peers", [rule.path]),
		"path": rule.path,
		"fix": sprintf("name peers in %s.%s", [rule.path, rule.side]),
		"details": {"direction": rule.direction, "opens": rule.ports},
		"action": "warn",
	}
}

anybody(rule) if count(rule.peers) == 0

# The API server refuses an empty peer; a file may hold one, and some data planes read it as everybody.
anybody(rule) if {
	some peer in rule.peers
	peer == {}
}
