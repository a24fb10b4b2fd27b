package experiments

import (
	"runexp/hw"
	"runexp/models"
	"runexp/serving/load"
	"runexp/serving/sim"
	"runexp/stages/fit"
	"runexp/stages/optimize"
	"runexp/stages/record"
	"runexp/stages/report"
	"runexp/stages/validate"
)

// sections are the groups of keys, in the order of the settings.
var sections = []section{
	{"platforms", "The machines that are compared."},
	{"load", "The work that arrives: when, and how large each query is."},
	{"profile", "What is measured on this machine."},
	{"accel", "Where the latencies of accelerators come from, beside what is published."},
	{"fit", "How latencies become curves."},
	{"simulate", "Which loads are simulated, from idle to saturation."},
	{"optimize", "Which policies are looked for, under which targets."},
	{"validate", "What the simulator is compared with: closed forms, and the real models on this machine."},
	{"report", "What is drawn."},
}

// settings is the table of every key: path, field, default, rule, meaning.
func (c *Config) settings() []setting {
	engines := each(1, oneOf(fit.Engines()...))
	routers := oneOf(sim.Random, sim.RoundRobin, sim.JSQ, sim.PowerOfTwo)
	both := []string{record.EngineRunexp, record.EngineReference}
	return []setting{
		{"name", &c.Name, "", name(),
			"Folder under results/ that the tables go to; by default the name of the file."},
		{"seed", &c.Seed, 1, atLeast(0),
			"Every stream of random numbers starts from it."},
		{"models", &c.Models, models.Names(), each(1, rule{}),
			"Names of shipped models, or model files (JSON) relative to the experiment file."},
		{"stages", &c.Stages, defaultStages(), each(1, oneOf(stageNames()...)),
			"Stages that the experiment has; each needs those that it reads."},

		{"platforms.cpu", &c.Platforms.CPU, []string{"host", "skylake", "broadwell"}, each(1, oneOf(hw.CPUNames()...)),
			"CPUs that serve. The host is measured, the others are projected."},
		{"platforms.accelerators", &c.Platforms.Accelerators, []string{"gtx1080ti", "t4"}, each(0, oneOf(hw.AccelNames()...)),
			"Accelerators that may stand beside each CPU; the CPU alone is always compared too."},
		{"platforms.power", &c.Platforms.Power, hw.PowerLinear, oneOf(hw.PowerLinear, hw.PowerISCA20),
			"How watts are counted: idle + (TDP - idle) x utilisation, or always TDP as in the paper."},
		{"platforms.cores", &c.Platforms.Cores, 0, atLeast(0),
			"Cores of every machine that serve, to see what fewer engines would do; 0 means all."},

		{"load.arrivals", &c.Load.Arrivals, "poisson", rule{},
			"Gaps between queries: poisson, fixed, gamma:CV, mmpp:PEAK,SHARE,LENGTH, diurnal:PEAK,PERIOD, trace:PATH, or seed_gap as the old release had."},
		{"load.sizes", &c.Load.Sizes, "production", rule{},
			"Items of a query: production, mlperf, fixed:N, normal:MEAN,SD, lognormal:MU,SIGMA, trace:PATH, or file:PATH with one equally likely size a line."},
		{"load.max_query_size", &c.Load.MaxQuerySize, load.DefaultMaxQuery, atLeast(1),
			"Largest query, in items; every size is clipped to it."},

		{"profile.variant", &c.Profile.Variant, "model", oneOf("model", models.Corrected, models.Release),
			"Graphs as corrected, or as the old release computed them; \"model\" is what each model file says."},
		{"profile.table_scale", &c.Profile.TableScale, 1.0, within(0, 1),
			"Rows of every embedding table are multiplied by it; below 1 more of a table stays in cache than in truth."},
		{"profile.batch_sizes", &c.Profile.BatchSizes, []int{1, 4, 16, 64, 256, 1024}, ascending(1),
			"Items per forward pass: the knots of the measured curves."},
		{"profile.workers", &c.Profile.Workers, []int{}, each(0, atLeast(1)),
			"Numbers of co-located engines, from 1 on; empty means every number up to the cores of this machine."},
		{"profile.fusion", &c.Profile.Fusion, []string{string(models.FusionNone), string(models.FusionFull)}, each(1, oneOf(string(models.FusionNone), string(models.FusionFull))),
			"How operators run: none is one by one, for breakdowns; full is fused, what serves. Curves take full where there is both."},
		{"profile.index_dist", &c.Profile.IndexDist, "uniform", rule{},
			"Which rows lookups take: uniform, zipf:ALPHA, or synthetic:FILE with a stack-distance profile (runexp trace profile)."},
		{"profile.warmup", &c.Profile.Warmup, 3, atLeast(1),
			"Forward passes dropped at the start of each point."},
		{"profile.min_repetitions", &c.Profile.MinRepetitions, 10, atLeast(3),
			"Forward passes measured per worker and point, at least."},
		{"profile.repetitions", &c.Profile.Repetitions, 100, atLeast(3),
			"Forward passes measured per worker and point, at most."},
		{"profile.max_seconds", &c.Profile.MaxSeconds, 2.0, positive(),
			"Between the two, a point stops after so long."},

		{"accel.batch_sizes", &c.Accel.BatchSizes, []int{1, 4, 16, 64, 256, 1024}, ascending(1),
			"Items per query at which the roofline is evaluated."},
		{"accel.files", &c.Accel.Files, []string{}, each(0, rule{}),
			"CSV files of your own latencies, of accelerators or CPUs, relative to the experiment file."},

		{"fit.engines", &c.Fit.Engines, both, engines,
			"Software whose CPU latency is used: runexp is measured here, reference is a fixed table of PyTorch eager."},
		{"fit.method", &c.Fit.Method, fit.LogLog, oneOf(fit.Methods()...),
			"How a curve runs between knots; log4_linear is what the old release did."},
		{"fit.extrapolate", &c.Fit.Extrapolate, 1.0, between(1, 16),
			"How many times its last knot a curve reaches; past it a simulation is refused."},
		{"fit.request_ms", &c.Fit.RequestMS, 0.0, between(0, 1000),
			"Time that serving software is assumed to add to every request on a core, whatever its size."},

		{"simulate.engines", &c.Simulate.Engines, both, engines,
			"Engines whose curves are simulated."},
		{"simulate.servers", &c.Simulate.Servers, 1, atLeast(1),
			"Servers behind the router."},
		{"simulate.router", &c.Simulate.Router, sim.Random, routers,
			"How queries are spread over servers: random, round_robin, jsq (shortest queue) or po2 (shorter of two)."},
		{"simulate.static", &c.Simulate.Static, true, rule{},
			"Whether to simulate the production baseline: the largest query split over all cores."},
		{"simulate.policies", &c.Simulate.Policies, []string{}, each(0, accepted(policySpec)),
			"More policies, as BATCH/THRESHOLD; threshold 0 never offloads."},
		{"simulate.utilisation", &c.Simulate.Utilisation, []float64{0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.05}, each(0, within(0, 10)),
			"Offered rates, as shares of what the servers can sustain under the policy."},
		{"simulate.rates_qps", &c.Simulate.RatesQPS, []float64{}, each(0, positive()),
			"Offered rates in queries per second, beside the shares."},
		{"simulate.queries", &c.Simulate.Queries, 57344, atLeast(100),
			"Queries counted in each trial, after a warm-up; MLPerf's count for a p95 by default."},
		{"simulate.colocation", &c.Simulate.Colocation, true, rule{},
			"Whether a core slows down as others are active."},
		{"simulate.noise", &c.Simulate.Noise, true, rule{},
			"Whether service times scatter around the curve as they were measured to."},

		{"optimize.engines", &c.Optimize.Engines, both, engines,
			"Engines whose curves are searched."},
		{"optimize.targets", &c.Optimize.Targets, targetNames(), each(1, oneOf(targetNames()...)),
			"p95 targets: 0.5, 1 and 1.5 times the paper's target of each model."},
		{"optimize.sla", &c.Optimize.SLA, []string{}, each(0, accepted(slaSpec)),
			"Medium p95 targets of your own, as MODEL=TIME (rm1=80ms); needed for a model that the paper has no target for."},
		{"optimize.servers", &c.Optimize.Servers, 1, atLeast(1),
			"Servers behind the router."},
		{"optimize.router", &c.Optimize.Router, sim.Random, routers,
			"How queries are spread over servers."},
		{"optimize.policies", &c.Optimize.Policies, []string{"static", "deeprecsched"}, each(1, oneOf(optimize.PolicyNames()...)),
			"Searches: static is the baseline, deeprecsched the paper's, seed_hillclimb the old release's, exhaustive the oracle."},
		{"optimize.objectives", &c.Optimize.Objectives, []string{optimize.QPS}, each(1, oneOf(optimize.Objectives()...)),
			"What a search maximises under the target: qps, qps_per_watt or qps_per_dollar."},
		{"optimize.oracle", &c.Optimize.Oracle, []string{}, each(0, accepted(cellSpec)),
			"Where the exhaustive search runs, as MODEL/TARGET/CPU/ACCEL[/ENGINE] with * for any; empty means everywhere."},
		{"optimize.tuned_on", &c.Optimize.TunedOn, []string{}, each(0, rule{}),
			"Other laws of query sizes to tune on, to see what that costs under load.sizes."},
		{"optimize.batches", &c.Optimize.Batches, []int{}, each(0, atLeast(1)),
			"Batch sizes of the exhaustive grid; empty means a ladder from 1 to the largest query."},
		{"optimize.thresholds", &c.Optimize.Thresholds, []int{}, each(0, atLeast(1)),
			"Offload thresholds of the exhaustive grid and of deeprecsched; empty means a ladder from 1 to the largest query."},
		{"optimize.queries", &c.Optimize.Queries, 57344, atLeast(100),
			"Queries counted in each simulation that decides."},
		{"optimize.tolerance", &c.Optimize.Tolerance, 0.01, within(0, 0.5),
			"Relative accuracy of the largest rate."},
		{"optimize.map_tolerance", &c.Optimize.MapTolerance, 0.0, between(0, 1),
			"Relative accuracy of every point of the exhaustive grid, to draw the whole map; 0 drops a point once it cannot win."},
		{"optimize.colocation", &c.Optimize.Colocation, true, rule{},
			"Whether a core slows down as others are active."},
		{"optimize.noise", &c.Optimize.Noise, true, rule{},
			"Whether service times scatter around the curve as they were measured to."},

		{"validate.replications", &c.Validate.Replications, 20, atLeast(2),
			"Independent simulations that each closed form of queueing theory is compared with."},
		{"validate.queries", &c.Validate.Queries, 50000, atLeast(1000),
			"Queries counted in each of them."},
		{"validate.live", &c.Validate.Live, false, rule{},
			"Whether the real models are run on this machine in real time, and compared with their simulation."},
		{"validate.placements", &c.Validate.Placements, []string{validate.Apart, validate.Shared}, each(1, oneOf(validate.Apart, validate.Shared)),
			"Where engines run: apart leaves the generator a core of its own, shared puts an engine on every core."},
		{"validate.policy", &c.Validate.Policy, "256/0", accepted(policySpec),
			"Policy of the live runs, as BATCH/THRESHOLD."},
		{"validate.accelerator", &c.Validate.Accelerator, record.None, oneOf(append([]string{record.None}, hw.AccelNames()...)...),
			"Accelerator beside the live engines, emulated by its curve; it must be among platforms.accelerators."},
		{"validate.utilisation", &c.Validate.Utilisation, []float64{0.3, 0.5, 0.7}, each(1, within(0, 0.99)),
			"Rates of the live runs, as shares of what the simulated engines can sustain."},
		{"validate.seconds", &c.Validate.Seconds, 10.0, within(0, 20),
			"Length of one live run, at most."},
		{"validate.max_qps", &c.Validate.MaxQPS, true, rule{},
			"Whether the largest rate under the p95 target is searched for live too."},
		{"validate.colocation", &c.Validate.Colocation, true, rule{},
			"Whether a simulated core slows down as others are active."},
		{"validate.noise", &c.Validate.Noise, true, rule{},
			"Whether simulated service times scatter around the curve as they were measured to."},

		{"report.figures", &c.Report.Figures, []string{}, each(0, oneOf(report.Kinds()...)),
			"Kinds of figures to draw; empty means all that the tables support."},
		{"report.nodes", &c.Report.Nodes, []string{}, each(0, accepted(nodeSpec)),
			"Machines to draw, as CPU/ENGINE/ACCEL with accel none, the headline first; empty means all."},
	}
}
