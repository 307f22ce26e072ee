package health

// args lists placeholders.
func args(names ...string) []string { return names }

// conditions are all conditions there are, by who tells them.
//
// Their lights: what ends by itself and is no outage leaves the box ready; whatever needs a person, and has no light
// of its own, has that of waiting for one.
var conditions = []Condition{
	// connectors/share
	{"share-error", Waits, ERP, ShareUnreachable, nil},
	{"file-busy", Waits, ERP, Ready, args("file")}, // connectors/acomba, too
	{"file-gone", Waits, ERP, Ready, args("file")},
	{"share-auth", Trouble, ERP, ShareUnreachable, args("share")},
	{"share-denied", Person, ERP, ShareUnreachable, nil},
	{"share-full", Person, ERP, ShareUnreachable, args("share")},
	{"share-read-only", Person, ERP, ShareUnreachable, args("share")},
	{"share-gone", Person, ERP, ShareUnreachable, args("share")},
	{"share-unreachable", Waits, ERP, ShareUnreachable, args("share")},
	{"share-busy", Waits, ERP, ShareUnreachable, args("share")},
	{"share-dialect", Trouble, ERP, ShareUnreachable, args("share")},
	{"share-dfs", Trouble, ERP, ShareUnreachable, args("share")},
	{"share-unsupported", Trouble, Box, HardwareFault, nil},
	{"share-stuck", Trouble, Box, ShareUnreachable, nil},
	{"drop-conflict", Waits, ERP, Ready, args("file")},

	// connectors/acomba, reading
	{"company-folder-missing", Person, ERP, ShareUnreachable, args("folder")},
	{"company-folder-empty", Person, ERP, ShareUnreachable, args("folder")},
	{"company-exclusive", Waits, ERP, Ready, nil},
	{"layout-unknown", Person, ERP, WaitsForPerson, nil},
	{"layout-reverify", Person, ERP, WaitsForPerson, args("version")},
	{"layout-probe-failed", Person, ERP, WaitsForPerson, args("file", "probe")},
	{"encoding-unknown", Person, ERP, WaitsForPerson, args("file")},
	{"folder-rolled-back", Person, ERP, WaitsForPerson, args("signs")},
	{"file-missing", Person, ERP, WaitsForPerson, args("file")},
	{"file-truncated", Waits, ERP, Ready, args("file")},
	{"file-size", Waits, ERP, Ready, args("file")},
	{"duplicate-number", Person, ERP, WaitsForPerson, args("file")},
	{"document-lines-broken", Waits, ERP, Ready, args("card")},
	{"unknown-code", Person, ERP, WaitsForPerson, args("file", "field", "code")},
	{"card-unreadable", Person, ERP, WaitsForPerson, args("file", "field")},

	// connectors/acomba, writing
	{"layout-not-writable", Info, ERP, Ready, nil},
	{"probes-not-passed", Waits, ERP, Ready, nil},
	{"outside-write-window", Waits, ERP, Ready, nil},
	{"write-test-missing", Person, ERP, WaitsForPerson, nil},
	{"write-test-stale", Person, ERP, WaitsForPerson, nil},
	{"write-readback-failed", Trouble, ERP, WaitsForPerson, nil},
	{"card-locked", Waits, ERP, Ready, nil},
	{"card-locked-long", Person, ERP, WaitsForPerson, nil},
	{"card-changed", Waits, ERP, Ready, nil},
	{"write-limit", Waits, ERP, Ready, nil},
	{"card-half-written", Person, ERP, WaitsForPerson, args("card")},
	{"write-not-prepared", Person, Box, WaitsForPerson, nil},
	{"field-not-writable", Person, ERP, WaitsForPerson, args("field")},
	{"value-too-long", Person, ERP, WaitsForPerson, args("field")},
	{"value-not-in-code-page", Person, ERP, WaitsForPerson, args("field")},
	{"value-no-slot", Person, ERP, WaitsForPerson, args("field")},
	{"value-not-shown", Person, ERP, WaitsForPerson, args("field")},
	{"number-missing", Person, ERP, WaitsForPerson, nil},
	{"number-taken", Person, ERP, WaitsForPerson, nil},
	{"create-not-possible", Person, ERP, WaitsForPerson, nil},
	{"handoff-file-busy", Waits, ERP, Ready, nil},
	{"handoff-folder-missing", Person, ERP, WaitsForPerson, nil},
	{"write-test-customer", Person, ERP, WaitsForPerson, nil},
	{"write-test-not-seen", Person, ERP, WaitsForPerson, nil},
	{"write-test-not-found", Trouble, ERP, WaitsForPerson, nil},

	// connectors/centrixone
	{"crm-unreachable", Waits, CRM, NoCloud, nil},
	{"crm-certificate", Person, CRM, Untrusted, nil},
	{"crm-rate-limited", Waits, CRM, Ready, nil},
	{"crm-auth", Trouble, CRM, CRMRefuses, nil},
	{"crm-server-error", Waits, CRM, CRMRefuses, nil},
	{"crm-bad-answer", Waits, CRM, CRMRefuses, nil},
	{"crm-resource-refused", Person, CRM, CRMRefuses, args("resource")},
	{"crm-record-missing", Waits, CRM, Ready, nil},
	{"crm-record-refused", Person, CRM, WaitsForPerson, nil},
	{"crm-conflict", Person, CRM, WaitsForPerson, nil},
	{"crm-list-missing", Trouble, CRM, CRMRefuses, args("list")},
	{"crm-list-renamed", Trouble, CRM, CRMRefuses, args("list", "found")},
	{"crm-list-unprotected", Trouble, CRM, CRMRefuses, args("list")},
	{"crm-stage-missing", Trouble, CRM, CRMRefuses, args("stage")},
	{"crm-stage-renamed", Trouble, CRM, CRMRefuses, args("stage", "want", "found")},
	{"crm-stage-changed", Trouble, CRM, CRMRefuses, args("stage", "want", "found")},
	{"crm-stage-unprotected", Trouble, CRM, CRMRefuses, args("stage")},
	{"crm-bad-value", Person, CRM, WaitsForPerson, args("field")},
	{"crm-bad-op", Person, Box, WaitsForPerson, nil},

	// sync
	{"reference-missing", Waits, ERP, Ready, nil},
	{"crm-record-deleted", Person, CRM, WaitsForPerson, nil},
	{"crm-record-merged", Person, CRM, WaitsForPerson, args("key")},
	{"position-reused", Person, ERP, WaitsForPerson, nil},
	{"match-unclear", Person, CRM, WaitsForPerson, args("candidates")},
	{"resync-running", Info, Box, Syncing, args("level")},
	{"resync-ready", Info, Box, WaitsForPerson, args("level")},
	{"maybe-keyed", Person, ERP, WaitsForPerson, args("number", "keyed")},
	{"mass-change", Person, Box, WaitsForPerson, args("count", "bound", "entity")},
	{"mass-missing", Person, Box, WaitsForPerson, args("count", "bound", "entity")},
	{"too-many-failures", Person, Box, WaitsForPerson, nil},
	{"create-undecidable", Person, CRM, WaitsForPerson, nil},
	{"identity-clash", Person, CRM, WaitsForPerson, args("key")},
	{"handoff-pending", Person, ERP, WaitsForPerson, args("field")},
	{"conflict-open", Person, Box, WaitsForPerson, args("field")},
	{"difference-stands", Info, CRM, Ready, args("field")},
	{"value-read-only", Person, ERP, WaitsForPerson, args("field")},
	{"value-unknown-code", Person, ERP, WaitsForPerson, args("field")},

	// sync, of answers that can't be right
	{"answer-unasked", Waits, Box, Ready, nil},
	{"answer-incomplete", Waits, Box, Ready, nil},
	{"answer-unknown", Waits, Box, Ready, nil},
	{"answer-without-key", Waits, Box, Ready, nil},
	{"answer-other-record", Waits, Box, Ready, nil},
	{"list-incomplete", Waits, CRM, Ready, nil},
	{"key-unfit", Waits, Box, Ready, nil},
	{"record-contradicts", Waits, Box, Ready, nil},
	{"record-went-back", Waits, Box, Ready, nil},
	{"field-unreadable", Person, Box, WaitsForPerson, args("field")},
	{"field-oversized", Person, Box, WaitsForPerson, args("field")},

	// sync/store: the job's own files
	{"state-damaged", Trouble, Box, HardwareFault, nil},
	{"state-foreign", Trouble, Box, WaitsForPerson, nil},
	{"state-other-box", Trouble, Box, WaitsForPerson, nil},
	{"state-newer", Trouble, Box, WaitsForPerson, nil},
	{"state-stepped-back", Waits, Box, Ready, args("file")},
	{"state-from-copy", Person, Box, WaitsForPerson, args("file", "copied")},
	{"state-begun-anew", Person, Box, WaitsForPerson, args("file")},
	{"cache-begun-anew", Info, Box, Ready, nil},
	{"data-full", Trouble, Box, HardwareFault, nil},
	{"data-readonly", Trouble, Box, HardwareFault, nil},
	{"data-in-use", Trouble, Box, WaitsForPerson, nil},
	{"data-denied", Trouble, Box, HardwareFault, nil},
	{"data-error", Trouble, Box, HardwareFault, nil},

	// firmware/internal/config
	{"config-missing", Trouble, Box, SetUp, nil},
	{"config-invalid", Trouble, Box, WaitsForPerson, nil},
	{"config-incomplete", Person, Box, SetUp, nil},
	{"secrets-open", Trouble, Box, WaitsForPerson, nil},
	{"secrets-invalid", Trouble, Box, WaitsForPerson, nil},

	{"clock-wrong", Person, Box, Untrusted, args("shown")},

	// process 1
	{"data-missing", Trouble, Box, HardwareFault, nil},
	{"clock-unknown", Person, Box, Untrusted, nil},
	{"network-down", Waits, Box, NoLink, nil},
	{"network-none", Trouble, Box, HardwareFault, nil},
	{"part-hangs", Trouble, Box, HardwareFault, nil},

	// firmware/internal/stick, as long as the stick is in
	{"stick-refused", Person, Box, WaitsForPerson, nil},
	{"stick-unreadable", Person, Box, WaitsForPerson, nil},

	// board
	{"light-broken", Person, Box, HardwareFault, nil},
	{"button-broken", Person, Box, HardwareFault, nil},
	{"watchdog-broken", Person, Box, HardwareFault, nil},
	{"serial-broken", Info, Box, Ready, nil},
	{"pins-unfit", Person, Box, WaitsForPerson, nil},
	{"board-unread", Info, Box, Ready, nil},

	// what nobody sorted
	{Internal, Person, Box, WaitsForPerson, nil},
}
