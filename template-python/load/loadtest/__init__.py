"""The load test, apart from the tool that sends the requests: objectives, schedule, counts and the verdict."""
