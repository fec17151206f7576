# METADATA
# title: What a request is about
# scope: package
package lib.objects

# METADATA
# description: >-
#   The name of the object. A review of one object of a deletecollection has an empty name, and only the old object knows it;
#   under generateName nobody knows it yet.
name := request.name if {
	request.name != ""
} else := request.object.metadata.name if {
	request.object.metadata.name != ""
} else := request.oldObject.metadata.name if {
	request.oldObject.metadata.name != ""
} else := ""

request := input.review.request
