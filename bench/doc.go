// Bench measures plugins beside a floor, which does the least that the same work takes,
// and beside other programs that do the like. It is run from the repository:
//
//	go run ./bench                 all columns, 7 runs
//	go run ./bench -short -check   what CI runs: ratios over twice their targets fail
//	go run ./bench -grow           how the cost grows: docs/performance-growth.svg and .csv
//
// It makes its own plugins, registry and server, builds the program and runs everything
// as processes of their own, in turns: what disturbs one disturbs all. What it says are
// ratios to the floor in the same run; times are for people.
//
// It is not for finding out where the time goes, and knows the program from outside
// only: the benchmarks of hot parts are beside them, and go test -bench runs them.
//
// See docs/performance.md.
package main
