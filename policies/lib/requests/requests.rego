# METADATA
# title: Inputs for tests
# description: Builds what a rule reads; tests use it, rules do not.
# scope: package
package lib.requests

policy(spec) := {"metadata": {"name": "p", "namespace": "shop"}, "spec": spec}

create(kind, thing) := {"facts": {"enclave": false, "namespace": {"labels": {}, "terminating": false}}, "review": {"request": {
	"uid": "u1",
	"operation": "CREATE",
	"kind": {"kind": kind},
	"name": "p",
	"namespace": "shop",
	"userInfo": {"username": "alice", "groups": ["tenants"]},
	"object": thing,
	"oldObject": null,
}}}

# METADATA
# description: A CREATE of a kind whose name another group uses too.
of(group, kind, thing) := object.union(create(kind, thing), {"review": {"request": {"kind": {"group": group}}}})

update(kind, before, after) := object.union(create(kind, after), {"review": {"request": {"operation": "UPDATE", "oldObject": before}}})

remove(kind, before) := object.union(create(kind, null), {"review": {"request": {"operation": "DELETE", "oldObject": before}}})

by(user, request) := object.union(request, {"review": {"request": {"userInfo": {"username": user}}}})

create_policy(spec) := create("NetworkPolicy", policy(spec))

update_policy(before, after) := update("NetworkPolicy", policy(before), policy(after))

delete_policy(spec) := remove("NetworkPolicy", policy(spec))

pod(spec) := {"metadata": {"name": "web", "labels": {}}, "spec": spec}

deployment(spec) := {"metadata": {"name": "web"}, "spec": {"template": pod(spec)}}
