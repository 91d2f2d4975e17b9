using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using GanFromScratch.Bench;
using Perfolizer.Horology;

// In this process: it has the runtime settings of Directory.Build.props (loops compiled at full optimisation on their first call, no PGO), which
// those of a generated project only resemble; it needs no restore, no second build and no project file to be found, so it runs from any folder and
// without a network; and a case costs a second and a half, not three.
var job = Job.Default
    .WithToolchain(InProcessEmitToolchain.Instance)
    .WithLaunchCount(1)
    .WithWarmupCount(1) // the search for the number of calls has warmed it up already
    .WithIterationCount(8)
    .WithIterationTime(TimeInterval.FromMilliseconds(80))
    .WithUnrollFactor(1) // the slowest kernels take tens of milliseconds; sixteen calls at once would be half a second
    .WithEvaluateOverhead(false) // nanoseconds, where the quickest kernel takes a microsecond
    .AsDefault(); // `--job` replaces it

var config = ManualConfig.Create(DefaultConfig.Instance).AddJob(job).AddDiagnoser(MemoryDiagnoser.Default);

// Without a filter BenchmarkDotNet asks what to run.
bool filtered = args.Any(arg => arg is "-f" or "--filter" || arg.StartsWith("--filter=", StringComparison.Ordinal));
string[] arguments = filtered ? args : [.. args, "--filter", "*"];

var summaries = BenchmarkSwitcher.FromAssembly(typeof(KernelBench).Assembly).Run(arguments, config);
return ThroughputTable.Print(summaries, Console.Out) ? 0 : 1;
