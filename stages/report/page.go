package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"runexp/internal/figure"
)

// The page is one file: styles, script and figures are part of it, and its
// content security policy forbids fetching anything.

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// pageData is what page.html shows.
type pageData struct {
	Experiment, Question string
	CSS                  template.CSS
	JS                   template.JS
	Answers              []answer
	Figures              []pageFigure
	Tables               []table
	Explorer             *explorer // nil where there is nothing to explore
	ExplorerParts        template.HTML
	Warnings             []stageWarnings
	Sources              table
	Host                 []string
	Commands             []command
}

type pageFigure struct {
	ID, Title, Caption string
	Notes              []string
	SVG                template.HTML // drawn by internal/figure, which escapes every text
	Width              int           // natural, in CSS pixels
	Cat                []string
	Folded             bool
}

// stageWarnings are the doubts that one stage recorded.
type stageWarnings struct {
	Stage string
	Texts []string
}

// command is a shell command and what it does.
type command struct{ Line, Does string }

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

func (in input) page(drawings []drawing) ([]byte, error) {
	d := pageData{
		Experiment: in.Experiment, Question: in.Question, CSS: template.CSS(in.css()), JS: template.JS(pageJS),
		Answers: in.answers(), Tables: in.listings(), Warnings: groupWarnings(in.Warnings),
		Sources: in.sourceTable(), Host: in.hosts(), Commands: in.commands(),
	}
	if e, ok := in.explorer(); ok {
		d.Explorer, d.ExplorerParts = &e, explorerParts()
		d.JS += template.JS(explorerJS)
	}
	for _, g := range drawings {
		svg, err := g.figure.Inline()
		if err != nil {
			return nil, fmt.Errorf("report: %s: %w", g.name, err)
		}
		d.Figures = append(d.Figures, pageFigure{ID: g.name, Title: g.figure.Title, Caption: g.figure.Caption, Notes: g.figure.Notes,
			SVG: template.HTML(svg), Width: int(g.figure.Width() * 4 / 3), Cat: g.cat, Folded: g.folded})
	}
	var buf bytes.Buffer
	if err := pageTemplate.Execute(&buf, d); err != nil {
		return nil, fmt.Errorf("report: page: %w", err)
	}
	return buf.Bytes(), nil
}

// css puts the figures' dark palette where the page switches to dark.
func (in input) css() string {
	return strings.NewReplacer("/*figures*/", figure.DarkCSS(), "/*background*/", figure.DarkBackground()).Replace(pageCSS)
}

func groupWarnings(all []string) []stageWarnings {
	var groups []stageWarnings
	stage := func(w string) string { s, _, _ := strings.Cut(w, ": "); return s }
	for _, s := range distinct(all, stage) {
		g := stageWarnings{Stage: s}
		for _, w := range all {
			if stage(w) == s {
				g.Texts = append(g.Texts, strings.TrimPrefix(w, s+": "))
			}
		}
		groups = append(groups, g)
	}
	return groups
}

// sourceTable is the provenance of every table: its content, not the action
// that made it, because equal rows made by another action are the same input.
func (in input) sourceTable() table {
	t := table{ID: "sources", Caption: "Tables behind this page", Columns: columns("stage", "#version", "table", "#rows", "measured on", "content (SHA-256)", "print it")}
	for _, s := range in.Sources {
		host := "computed"
		if s.Measured {
			host = s.Host
		}
		t.add(text(s.Stage), whole(int32(s.Version)), text(s.Name), whole(int32(s.Rows)), text(host), text(s.OutputID),
			text("runexp cat results/"+in.Experiment+"/"+s.Name))
	}
	return t
}

// hosts are the machines that measured something.
func (in input) hosts() []string {
	measured := where(in.Sources, func(s Source) bool { return s.Measured && s.Host != "" })
	return distinct(measured, func(s Source) string { return s.Host })
}

func (in input) commands() []command {
	folder := "results/" + in.Experiment
	return []command{
		{"runexp run " + in.Experiment, "makes every table and figure of this page; finished stages are not run again"},
		{"runexp config " + in.Experiment, "prints every setting and where it comes from"},
		{"runexp why " + folder + "/report.html", "walks this page back to code version, configuration, host and inputs"},
		{"runexp why " + in.Experiment + " STAGE", "prints the lines that a stage's action ID is the hash of"},
		{"runexp verify " + in.Experiment, "runs the computed stages again and fails if a byte differs"},
	}
}
