package lib.objects_test

import data.lib.objects

named(name) := {"metadata": {"name": name}}

test_name_from_wherever_it_is_known if {
	objects.name == "a" with input as {"review": {"request": {"name": "a", "oldObject": named("b")}}}
	objects.name == "b" with input as {"review": {"request": {"name": "", "object": null, "oldObject": named("b")}}}
	objects.name == "c" with input as {"review": {"request": {"object": named("c"), "oldObject": null}}}
	objects.name == "" with input as {"review": {"request": {"name": "", "object": {"metadata": {"generateName": "x-"}}}}}
}
