# METADATA
# title: Segmentation labels and mode of a namespace are changed by those who may
# description: >-
#   Every policy that selects by tenant, domain or environment trusts the namespace's labels, and its mode decides what holds
#   in it. Writing them needs a permission of its own, which RBAC grants and the API server is asked for.
# scope: package
# custom:
#   id: SEG-ID-004
#   severity: critical
#   action: deny
#   tier: Mandatory
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [/Namespace]
#   operations: [CREATE, UPDATE]
#   facts: [access]
#   rationale: >-
#     Who relabels a namespace moves all of its pods across the boundaries at once.
#   remediation: Ask the platform team, or have them grant the verb by RBAC.
package packs.segmentation_baseline.seg_id_004

deny contains violation if {
	some key in input.facts.protectedNamespaceKeys
	before := value(request.oldObject, key)
	after := value(request.object, key)
	before != after
	not input.facts.access.changeLabels
	violation := changed(key, before, after, "change segmentationlabels.firebreak.dev")
}

deny contains violation if {
	key := input.facts.modeKey
	before := value(request.oldObject, key)
	after := value(request.object, key)
	before != after
	not derived(before, after)
	not input.facts.access.setMode
	violation := changed(key, before, after, "set namespacemodes.firebreak.dev")
}

# A mode that is none would leave the namespace in a state that no webhook entry selects: not even those who may set it.
deny contains violation if {
	after := value(request.object, input.facts.modeKey)
	after != value(request.oldObject, input.facts.modeKey)
	not after in {null, "observe", "stage", "enforce"}
	violation := {
		"message": sprintf("%s is no mode", [after]),
		"path": sprintf(`metadata.labels["%s"]`, [input.facts.modeKey]),
		"fix": "use observe, stage or enforce",
		"details": {"mode": after},
	}
}

# Whoever owns a domain decides who belongs to it, whatever label its selector reads.
deny contains violation if {
	some moved in input.effect.moved
	count(moved.owners) > 0
	not owner(moved.owners)
	not input.facts.access.changeLabels
	violation := {
		"message": sprintf("the namespace %s %s %s, and %s does not own it", [words[moved.change], moved.type, moved.domain, request.userInfo.username]),
		"path": "metadata.labels",
		"fix": sprintf("have %s make the change", [concat(" or ", sort({each.name | some each in moved.owners}))]),
		"details": {"domain": moved.domain, "change": moved.change},
	}
}

# Whose data would it be?
deny contains violation if {
	count(input.effect.tenants) > 1
	violation := {
		"message": sprintf("the namespace would belong to the Tenants %s at once", [concat(" and ", input.effect.tenants)]),
		"path": "metadata.labels",
		"fix": "change the label that makes it a member of one of them",
		"details": {"tenants": input.effect.tenants},
	}
}

words := {"joins": "would join", "leaves": "would leave"}

owner(owners) if {
	some each in owners
	each.kind == "User"
	each.name == request.userInfo.username
}

owner(owners) if {
	some each in owners
	each.kind == "Group"
	each.name in request.userInfo.groups
}

request := input.review.request

# A namespace that is born with a tenant is enforced: that mode was stamped, not asked for.
derived(before, after) if {
	request.operation == "CREATE"
	before == null
	after == input.facts.derivedMode
}

value(thing, key) := object.get(thing, ["metadata", "labels", key], null) if is_object(thing)

value(thing, _) := null if not is_object(thing)

changed(key, before, after, verb) := {
	"message": sprintf("the label %s of namespace %s would change from %s to %s", [key, request.name, shown(before), shown(after)]),
	"path": sprintf(`metadata.labels["%s"]`, [key]),
	"fix": sprintf("leave it, or have the platform team grant you: %s", [verb]),
	"details": {"key": key, "before": before, "after": after},
}

shown(null) := "nothing"

shown(text) := text if text != null
