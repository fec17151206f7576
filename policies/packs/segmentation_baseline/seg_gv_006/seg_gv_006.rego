# METADATA
# title: Who may write policies is decided on purpose
# description: >-
#   A role that grants writing of network policies, tiers, endpoint slices, mesh authorizations, or the custom verbs of
#   Firebreak, also by a wildcard; and a binding to the built-in roles admin, edit and cluster-admin, which grant it. The
#   roles that Kubernetes keeps itself are left alone.
# scope: package
# custom:
#   id: SEG-GV-006
#   severity: high
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [rbac.authorization.k8s.io/Role, rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/RoleBinding, rbac.authorization.k8s.io/ClusterRoleBinding]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A boundary holds as long as those who may move it are few and known.
#   remediation: Grant the verbs that are needed, and bind the owners of the boundary only.
package packs.segmentation_baseline.seg_gv_006

deny contains violation if {
	endswith(request.kind.kind, "Role")
	not built_in(role_name)
	some index, rule in request.object.rules
	granted := sort({sprintf("%s.%s", [resource, group]) |
		some group, resources in settings.resources
		covers(object.get(rule, "apiGroups", []), group)
		some resource in resources
		covers(object.get(rule, "resources", []), resource)
	})
	count(granted) > 0
	verbs := sort({verb | some verb in rule.verbs; verb in settings.verbs})
	count(verbs) > 0
	violation := {
		"message": sprintf("the role grants %s of %s", [verbs[0], granted[0]]),
		"path": sprintf("rules[%v]", [index]),
		"fix": "leave these resources to a role of the owners of the boundary",
		"details": {"resources": granted, "verbs": verbs},
	}
}

deny contains violation if {
	endswith(request.kind.kind, "RoleBinding")
	role := request.object.roleRef
	role.kind == "ClusterRole"
	role.name in built_in_writers
	people := [subject | some subject in request.object.subjects; not built_in(subject.name)]
	count(people) > 0
	violation := {
		"message": sprintf("%s may write network policies by the role %s", [people[0].name, role.name]),
		"path": "roleRef.name",
		"fix": "bind a role without the policies, and leave those to the owners of the boundary",
		"details": {"role": role.name, "subjects": people},
	}
}

request := input.review.request

settings := data.params.segmentation_baseline.seg_gv_006

role_name := object.get(request.object, ["metadata", "name"], "")

built_in_writers := {"admin", "edit", "cluster-admin"}

built_in(name) if name in built_in_writers

built_in(name) if startswith(name, "system:")

# Firebreak's own: they are there before anybody else could take their names, and SEG-GV-005 guards them.
built_in(name) if name in settings.ownRoles

covers(list, value) if value in list

covers(list, _) if "*" in list
