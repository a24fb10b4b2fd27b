/*
Runexp runs experiments on serving neural recommendation models: where does the
time of a forward pass go, when does an accelerator pay, what tail latency does a
load see, and which batch size and offload threshold serve the most queries under
a p95 target.

	runexp COMMAND [ARGUMENTS] [FLAGS]

Flags stand anywhere after the command, as --flag value or --flag=value; of a flag
given twice the last wins. -h on every command starts with examples.

# Experiments

An experiment is one YAML file that asks one question. Some are shipped; the first
comment of a file is its question.

	$ runexp ls --results /nonexistent
	experiment          artifacts  latest  question
	accel_speedup               0       -  From which batch size on is an accelerator faster than a core, and by how much?
	...
	operator_breakdown          0       -  Where does the time of a forward pass go, by kind of operator, on a CPU and on an accelerator?
	...

Every key has a default; a file says what differs. Values come in layers: default,
file, environment (RUNEXP_OPTIMIZE__TARGETS, two underscores between levels, the
value is YAML), --set. Nothing is guessed: an unknown key, a wrong type or an empty
section is an error. Every variable that starts with RUNEXP_ has to be a key.

	$ runexp config sched_cpu --set seed=7
	name: sched_cpu                                            # default
	seed: 7                                                    # --set
	models: [rm1, rm2, rm3, ncf, wnd, mtwnd, din, dien]        # default
	stages: [profile, accel, fit, simulate, optimize, validate, report] # default
	platforms:
	  cpu: [host, skylake, broadwell]                          # default
	  accelerators: []                                         # file sched_cpu.yaml:4
	...
	$ runexp config sched_cpu --set optimize.target=[low]
	runexp: --set: optimize.target: unknown key (did you mean optimize.targets?)
	exit 1

# Running

	runexp run quick                   the whole pipeline; finished stages are not run again
	runexp run quick simulate          one stage with what it needs
	runexp plan quick --set seed=2     what would run, and why
	runexp why quick simulate          what decides whether it runs, line by line
	runexp why results/quick/trial.parquet
	runexp report quick                figures and the page, from the tables that exist
	runexp verify quick                every table and sidecar against its checksum
	runexp diff quick results.old/quick rows of two runs by key, and whether a change is significant
	runexp export quick --to DIR       tables as CSV, JSON or Arrow
	runexp clean                       remove from the cache what no experiment shows

Stages are kept by the content of what they read: configuration, code version and
input tables, and for measured stages the machine. Tables are Parquet files in
results/<experiment>/, each with a sidecar that says where it came from.

# Models and machines

	$ runexp models --model rm1 --model ncf
	model  type  params  tables  ops  FLOPs/item  bytes/item  rows/item  p95 target
	rm1    dlrm   1.02G   4.1GB   19        222k       499kB        640      100 ms
	ncf    ncf    21.7M    86MB   17        296k       611kB          4        5 ms
	$ runexp hw t4
	platform  figure                      value        range  unit     source
	t4        accelerator                                              NVIDIA T4
	t4        peak                         8100   4050..8100  GFLOP/s  NVIDIA T4 data sheet; half of it for small matrices (assumed)
	...

# One simulation

	$ runexp sim --service const:2ms --cores 4 --rate 900 --arrivals fixed --sizes fixed:100 --queries 1000
	measure                        value          95 % interval
	offered                        900 queries/s
	...

# Machines for a demand

	$ runexp size --model wnd --demand 20000 --sla p95=25ms --platform skylake
	measure                      value                        interval
	machines                     6                             5 .. 10
	with one to spare (N+1)      7
	one machine serves           3.39k queries/s        3.36k .. 3.46k
	...

A day of several models on several kinds of machines is the experiment fleet.

# Exit codes

0: done. 1: failed, and one line on stderr says why. 2: the command line itself is
wrong. 130: interrupted; run and report keep what finished.
*/
package main
