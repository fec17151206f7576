# A rule for the tests of the entrypoint: it objects to an object that says that it is bad.
package packs.stub.r

deny contains {"message": "m", "path": "bad", "fix": "f", "details": {}} if input.review.request.object.bad
