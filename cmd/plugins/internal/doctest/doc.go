// Package doctest runs the documents: README.md and every page below docs.
//
// A page is a story in a folder of its own, told from top to bottom. Comments that
// readers do not see make the world it is set in, in the language of testdata/scripts:
//
//	<!-- world
//	publish acme authz 0.6.0
//	at https://plugins.acme.example/v1/ acme
//	-->
//
// The world is $WORK, the repository is $REPO, and a page's commands run in $WORK/project; /srv, /media, /mnt and
// /etc on a page are folders of $WORK. "at PREFIX TARGET" has one address stand for
// another, as a mirror of the user's own file does; "stand TEXT OTHER" puts what is in
// the world, a server or a digest, in the place of what is on the page.
//
// Commands find plugins and a few programs that do no harm, and no network. A page can make
// others, as a file in ../.bin: a host's, say.
//
// Of the blocks of code on a page,
//
//   - `console` has lines that start with "$ ", which are run. What stands below one is
//     what it prints, and is compared: digests, times and sizes apart. Lines that come in any
//     order, "NAME: VERSION is staged and verified", are sorted. A line "…" stands for any
//     lines, a lone "?" for what -update is to put in.
//   - `sh` and `bash` are scripts, run whole by "bash -e".
//   - `hcl` is a plugins.hcl, somebody's own file, a lock file or a part of one. It must
//     load, and be as "plugins fmt" lays it out.
//   - `go` is an example of the library, or a function it calls: it is compiled and run there.
//
// A comment right above a block says more of it:
//
//	<!-- file: plugins.hcl -->                   it is a file of the folder, too
//	<!-- shows: plugins.lock.hcl -->             it is what that file holds by then
//	<!-- exits: 2 -->                            the exit code of its last command, or last ones
//	<!-- types: yes -->                          what is typed while it runs
//	<!-- hcl: plugin -->                         what it is a part of: see contexts
//	<!-- example: project/example_test.go Example -->   of `go`: where it is from
//	<!-- needs: minisign -->                     where there is none, the page's story ends here
//	<!-- not run: needs Docker -->               why it is not, which testdata/notrun.txt lists
//
// go test ./cmd/plugins/internal/doctest -update writes what programs print, examples
// and layout into the pages.
package doctest
