package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"runexp/internal/timing"
	"runexp/pipeline"
)

// progress shows a run as it goes. Close ends the display and must be called
// before anything else is printed.
type progress interface {
	pipeline.Reporter
	Close()
}

// newProgress picks the display: bars on a terminal, lines elsewhere, or none.
func newProgress(mode string, w io.Writer, stages int) progress {
	if mode == "auto" && isTerminal(w) {
		return newBars(w)
	}
	return &lines{
		w: w, quiet: mode == "none", stages: stages,
		started: map[string]time.Duration{}, said: map[string]time.Duration{}, warned: newWarned(w),
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	width, height, err := term.GetSize(int(f.Fd())) // fails where there is no terminal
	return err == nil && width > 0 && height > 0
}

// lineGap is the least time between two lines about one stage.
const lineGap = 3 * time.Second

// lines prints one line when a stage starts and ends, and now and then what
// remains of it. A quiet one prints warnings alone.
type lines struct {
	w       io.Writer
	quiet   bool
	stages  int
	ended   int
	started map[string]time.Duration
	said    map[string]time.Duration // when the last line about a stage was printed
	warned  warned
}

func (l *lines) printf(format string, args ...any) {
	if !l.quiet {
		fmt.Fprintf(l.w, format+"\n", args...)
	}
}

func (l *lines) StageStarted(stage string) {
	l.started[stage], l.said[stage] = timing.Now(), timing.Now()
	l.printf("%-9s started", stage)
}

func (l *lines) Step(stage string, done, total int, what string) {
	now := timing.Now()
	if now-l.said[stage] < lineGap {
		return
	}
	l.said[stage] = now
	l.printf("%-9s %d/%d %s%s", stage, done, total, what, timeLeft(done, total, now-l.started[stage]))
}

// timeLeft assumes that the steps to come take as long as those done.
func timeLeft(done, total int, spent time.Duration) string {
	if done < 1 || total <= done {
		return ""
	}
	left := time.Duration(float64(spent) / float64(done) * float64(total-done))
	return ", about " + left.Round(time.Second).String() + " left"
}

func (l *lines) StageDone(stage string, o pipeline.Outcome) {
	l.ended++
	l.warned.rest(l.w, stage)
	l.printf("%-9s %s; %d of %d stages remain", stage, outcomeText(o), l.stages-l.ended, l.stages)
}

func (l *lines) Warn(stage, text string) { l.warned.print(l.w, stage, text) }

func (l *lines) Close() {}

// mostWarnings is how many warnings of one stage are printed as they come.
const mostWarnings = 6

// warned counts the warnings of each stage. All of them are in the sidecars,
// the report and the JSON summary; a terminal shows the first few.
type warned struct {
	label string // before each
	count map[string]int
}

func newWarned(w io.Writer) warned {
	return warned{inkOn(w).paint(yellow, "runexp: warning:"), map[string]int{}}
}

func (n warned) print(w io.Writer, stage, text string) {
	if n.count[stage]++; n.count[stage] <= mostWarnings {
		fmt.Fprintf(w, "%s %s: %s\n", n.label, stage, text)
	}
}

// rest says how many warnings of a stage that has ended were not printed.
func (n warned) rest(w io.Writer, stage string) {
	if more := n.count[stage] - mostWarnings; more > 0 {
		fmt.Fprintf(w, "%s %s: and %d more, in its sidecars and in the report\n", n.label, stage, more)
	}
}

// outcomeText says how a stage ended.
func outcomeText(o pipeline.Outcome) string {
	switch o.Status {
	case pipeline.Hit:
		return "is up to date"
	case pipeline.Restored:
		return "came from the cache"
	}
	return "done in " + duration(int64(o.Took))
}

// bars shows one bar per stage, with the time left.
type bars struct {
	container *mpb.Progress
	bar       map[string]*mpb.Bar
	what      map[string]*atomic.Value
	warned    warned
}

func newBars(w io.Writer) *bars {
	return &bars{
		container: mpb.New(mpb.WithOutput(w), mpb.WithWidth(36), mpb.WithRefreshRate(120*time.Millisecond)),
		bar:       map[string]*mpb.Bar{}, what: map[string]*atomic.Value{}, warned: newWarned(w),
	}
}

func (b *bars) StageStarted(stage string) { b.of(stage) }

// of returns the bar of a stage and what it says, new where there is none: a
// stage that is up to date ends without having started.
func (b *bars) of(stage string) (*mpb.Bar, *atomic.Value) {
	if b.bar[stage] == nil {
		b.start(stage)
	}
	return b.bar[stage], b.what[stage]
}

func (b *bars) start(stage string) {
	what := &atomic.Value{}
	what.Store("")
	b.what[stage] = what
	b.bar[stage] = b.container.AddBar(0,
		mpb.BarFillerClearOnAbort(),
		mpb.PrependDecorators(decor.Name(stage, decor.WC{W: 9, C: decor.DindentRight})),
		mpb.AppendDecorators(
			decor.OnComplete(decor.AverageETA(decor.ET_STYLE_GO, decor.WC{W: 6}), ""),
			decor.OnComplete(decor.Name(" left  "), ""),
			decor.Any(func(decor.Statistics) string { return " " + what.Load().(string) }),
		))
}

func (b *bars) Step(stage string, done, total int, what string) {
	bar, text := b.of(stage)
	text.Store(fmt.Sprintf("%d/%d %s", done, total, what))
	bar.SetTotal(int64(total), false)
	bar.SetCurrent(int64(done))
}

func (b *bars) StageDone(stage string, o pipeline.Outcome) {
	b.warned.rest(b.container, stage)
	bar, text := b.of(stage)
	text.Store(outcomeText(o))
	bar.SetTotal(max(1, bar.Current()), false)
	bar.SetCurrent(max(1, bar.Current()))
	bar.SetTotal(-1, true)
}

func (b *bars) Warn(stage, text string) { b.warned.print(b.container, stage, text) }

// Close drops the bars of stages that did not end, so that Wait returns.
func (b *bars) Close() {
	for _, bar := range b.bar {
		bar.Abort(false) // of a completed bar: nothing
	}
	b.container.Wait()
}
