// Package train makes models from what people said about answers: it queues retrainings, runs them, holds each
// challenger against the champion, and promotes or rolls back. docs/training.md tells the whole.
//
//	service.go    asking for a retraining, cancelling it, looking at it
//	runner.go     the one trainer of the fleet: watches the queue, claims, keeps alive
//	job.go        one run, top to bottom
//	data.go       what may be learnt, and how much of it from one user
//	supplies.go   what the program adds: generated pictures, MNIST where it is at hand
//	gate.go       the verdict
//	models.go     promotion and rollback
package train
