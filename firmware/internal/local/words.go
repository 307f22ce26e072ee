package local

import "syncbox/sync/engine"

// Answers are the verbs that say what is to become of something that waits, each with its name. Retry takes "all" as
// well.
var Answers = []engine.Verb{engine.Retry, engine.Recreate, engine.DeleteToo, engine.Dismiss, engine.KeepERP, engine.KeepCRM, engine.Allow, engine.Accept,
	engine.Same, engine.NotSame, engine.Relink}

// Marks are the verbs with which a person leaves a record out, or does so no more, each with an engine.RecordName.
var Marks = []engine.Verb{engine.LeaveOut, engine.NotThisTime, engine.Unmark}

// Resyncs are the verbs of a resync, by the words that people say for them.
var Resyncs = map[string]engine.Verb{"1": engine.Resync1, "2": engine.Resync2, "go": engine.ResyncGo, "cancel": engine.ResyncCancel}
