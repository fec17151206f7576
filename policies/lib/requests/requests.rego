# METADATA
# title: Inputs for tests
# description: Builds what a rule reads; tests use it, rules do not.
# scope: package
package lib.requests

policy(spec) := {"metadata": {"name": "p", "namespace": "shop"}, "spec": spec}

create(kind, thing) := {"review": {"request": {
	"uid": "u1",
	"operation": "CREATE",
	"kind": {"kind": kind},
	"name": "p",
	"namespace": "shop",
	"object": thing,
	"oldObject": null,
}}}

create_policy(spec) := create("NetworkPolicy", policy(spec))

pod(spec) := {"metadata": {"name": "web", "labels": {}}, "spec": spec}

deployment(spec) := {"metadata": {"name": "web"}, "spec": {"template": pod(spec)}}
