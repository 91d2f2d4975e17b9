using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using GanFromScratch.Bench;
using GanFromScratch.Bench.Kit;
using Perfolizer.Horology;

const string Usage = """
    Measures the kernels, and training steps, on one thread, on all cores, and on every device behind a driver.
      --where PLACE    only the places whose names begin so: cpu, 'cpu x1', opencl, cuda:0
      --filter GLOB    only these benchmarks: '*MatMul*', '*Elementwise*Tanh*'
    `bench gpu` measures one device in seconds, for the kit in bench/gpu.
    All other options are BenchmarkDotNet's:

    """;

if (args is ["gpu", .. var asked])
    return KitCommand.Run(asked);

var given = args.ToList();
if (given.Any(arg => arg is "--help" or "-h" or "-?"))
    Console.WriteLine(Usage);

int option = given.IndexOf("--where");
if (option >= 0)
{
    string place = option + 1 < given.Count ? given[option + 1] : "";
    if (place.Length == 0 || !Places.Choose(place))
    {
        Console.Error.WriteLine($"--where: no place is called '{place}'. There are {string.Join(", ", Places.Chosen)}.");
        return 2;
    }
    given.RemoveRange(option, 2);
}

// In this process: it has the runtime settings of Directory.Build.props (loops compiled at full optimisation on their first call, no PGO),
// which those of a generated project only resemble; it needs no restore, no second build and no project file to be found, so it runs from
// any folder and without a network; and a case costs a second and a half, not three.
var job = Job.Default
    .WithToolchain(InProcessEmitToolchain.Instance)
    .WithLaunchCount(1)
    .WithWarmupCount(1) // the search for the number of calls has warmed it up already
    .WithIterationCount(8)
    .WithIterationTime(TimeInterval.FromMilliseconds(80))
    .WithUnrollFactor(1) // the slowest kernels take tens of milliseconds; sixteen calls at once would be half a second
    .WithEvaluateOverhead(false) // nanoseconds, where the quickest kernel takes a microsecond
    .AsDefault(); // `--job` replaces it

var config = ManualConfig.Create(DefaultConfig.Instance).AddJob(job).AddDiagnoser(MemoryDiagnoser.Default)
    .AddFilter(new SimpleFilter(ThroughputTable.IsChosen));

// Without a filter BenchmarkDotNet asks what to run.
bool filtered = given.Any(arg => arg is "-f" or "--filter" || arg.StartsWith("--filter=", StringComparison.Ordinal));
string[] arguments = filtered ? [.. given] : [.. given, "--filter", "*"];

var summaries = BenchmarkSwitcher.FromAssembly(typeof(KernelBench).Assembly).Run(arguments, config);
return ThroughputTable.Print(summaries, Console.Out) ? 0 : 1;
