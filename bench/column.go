package main

// column is one thing that is measured of everybody. Before it, a program installs one
// variant, or nothing; what is measured is how it gets to another.
type column struct {
	name   string
	title  string
	set    string
	before variant // "": nothing is installed
	after  variant
	idle   bool // before is after: what is measured is to find that out
	warm   bool // all was downloaded before, for another folder
	far    bool // from the server that takes its time
	none   bool // the plan of what is not installed, nor can be
	atMost int  // runs; 0: as many as are asked for
	target target
}

// target is what the program is to reach; what is 0 is not asked for.
type target struct {
	Ratio   float64 `json:"ratio,omitempty"`    // to the floor
	Peak    float64 `json:"peak_mib,omitempty"` // of memory
	Seconds float64 `json:"seconds,omitempty"`  // on a machine like that of the documents
	More    float64 `json:"more_ms,omitempty"`  // milliseconds over those of the column idle
	Comment string  `json:"comment,omitempty"`  // what it depends on
}

// inShort leaves out what takes long and shows little that the others do not.
func inShort(all []column) []column {
	var short []column
	for _, c := range all {
		if c.name == "one" || c.name == "far" {
			continue
		}
		if c.none {
			c.atMost = 1
		}
		short = append(short, c)
	}
	return short
}

// columns are what is measured, with the targets.
func columns(quickCopies bool) []column {
	warm := target{Ratio: 0.8, Peak: 48, Comment: "files are copied here; where they are reflinked, or on tmpfs: 0.35"}
	if quickCopies {
		warm.Ratio, warm.Comment = 0.35, "tmpfs, or reflinks; 0.8 elsewhere"
	}
	return []column{
		{name: "cold", title: "cold install", set: "many", after: first, target: target{Ratio: 1.25, Peak: 48}},
		{name: "idle", title: "plan with nothing to do", set: "many", before: first, after: first, idle: true, target: target{Ratio: 3.5, Peak: 48}},
		{name: "upgrade", title: "upgrade of all", set: "many", before: first, after: second, target: target{Ratio: 1.4, Peak: 48}},
		{name: "one", title: "upgrade of one", set: "many", before: first, after: one, target: target{More: 30, Peak: 48}},
		{name: "large", title: "cold install of a large one", set: "large", after: first, target: target{Ratio: 1.1, Peak: 48}},
		{name: "warm", title: "warm cache, new checkout", set: "many", after: first, warm: true, target: warm},
		{name: "far", title: "cold install, slow server", set: "many", after: first, far: true, target: target{Ratio: 1.25, Peak: 48}},
		{name: "plan", title: "plan of many, none installed", after: first, none: true, atMost: 3, target: target{Seconds: 1.5, Peak: 300}},
	}
}
