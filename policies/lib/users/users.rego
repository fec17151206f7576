# METADATA
# title: Who makes the change
# scope: package
package lib.users

name := object.get(input.review.request, ["userInfo", "username"], "")

# METADATA
# description: Holds for an identity that a parameter names, as `users` or by one of its `groups`.
listed(principals) if name in principals.users

listed(principals) if {
	some group in object.get(input.review.request, ["userInfo", "groups"], [])
	group in principals.groups
}

configured(principals) if count(principals.users) + count(principals.groups) > 0

# METADATA
# description: A rule about who may do something warns until somebody is listed.
action(principals) := "deny" if configured(principals)

action(principals) := "warn" if not configured(principals)

# METADATA
# description: What is left over is removed by controllers; refusing them leaves namespaces that never go.
cleaning_up if {
	name in {
		"system:serviceaccount:kube-system:generic-garbage-collector",
		"system:serviceaccount:kube-system:namespace-controller",
		"system:apiserver",
	}
}
