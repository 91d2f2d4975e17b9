using System.CommandLine;
using System.Text;
using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan bench`: times training steps.</summary>
internal sealed class BenchCommand : GanCommand
{
    private const int DefaultSteps = 50;
    private readonly RecipeBook _book;
    private readonly Option<string> _recipe, _device, _threads, _steps, _batch;
    private readonly Option<bool> _json;

    public BenchCommand(RecipeBook book)
        : base("bench", "Times training steps of the recipes on synthetic pictures")
    {
        _book = book;
        _recipe = Value("--recipe", "NAME", "The recipe [default: all]");
        _device = Value("--device", DeviceChoice.Kinds, "The device [default: auto]");
        _threads = Value("--threads", "N", "Threads of the cpu; makes auto pick the cpu [default: one for each core]");
        _steps = Value("--steps", "N", $"Steps to time, after a warm-up [default: {DefaultSteps}]");
        _batch = Value("--batch", "N", "Pictures in a batch [default: the recipe's]");
        _json = Flag("--json", "Prints a JSON object for each recipe, on one line");
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan bench", "times all recipes, as a table"),
        ("gan bench --recipe odog --steps 50 --threads 2 --json", "times one recipe, for a script"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        var choice = DeviceChoice.Of(given.GetValue(_device), given.Whole(_threads, 1, DeviceChoice.MostThreads));
        choice.Warn(screen);
        int steps = given.Whole(_steps, 1, 1_000_000) ?? DefaultSteps;
        int? batch = given.Whole(_batch, 1, 1 << 16);
        var recipes = given.GetValue(_recipe) is { } name ? [_book.Find(name)] : _book.All;
        bool json = given.GetValue(_json);
        if (!json)
        {
            screen.Say($"{"recipe",-10} {"batch",6} {"ms a step",10} {"p10",8} {"p90",8} {"images/s",10} {"GFLOP/s",8} {"peak",8} "
                + $"{"x floor",8} {"ns apart",8} {"peak MiB",9} {"managed B",10} {"rented B",9}   ({choice}, {Plural.Of(steps, "step")})");
        }
        // peak: multiply-adds of the processor; floor: the time of the matrix products alone at that rate; ns apart: the delay until one
        // thread reads what another wrote; managed, rented: new memory of one step, of .NET and of the device
        foreach (var recipe in recipes)
        {
            using var device = choice.Open();
            var found = StepBenchmark.Run(recipe, device, batch ?? recipe.Batch, steps);
            screen.Say(json ? Json(found, choice) : Row(found));
        }
        return ExitCode.Done;
    }

    private static string Row(StepTimes found) =>
        $"{found.Recipe,-10} {found.Batch,6} {1e3 * found.Median,10:0.000} {1e3 * found.P10,8:0.000} {1e3 * found.P90,8:0.000} "
        + $"{found.ImagesPerSecond,10:N0} {found.Gflops,8:0.0} {found.PeakGflops,8:0.0} {found.TimesFloor,8:0.00} "
        + $"{found.ThreadDistance,8:0} {found.PeakMib,9:0.0} {found.AllocatedBytesPerStep,10:N0} {found.RentedBytesPerStep,9:N0}";

    private static string Json(StepTimes found, DeviceChoice choice)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("recipe", found.Recipe);
            json.WriteString("device", choice.Name);
            json.WriteOptional("threads", choice.Threads);
            json.WriteNumber("batch", found.Batch);
            json.WriteNumber("steps", found.Steps);
            json.WriteNumber("median_s_per_step", found.Median);
            json.WriteNumber("p10_s", found.P10);
            json.WriteNumber("p90_s", found.P90);
            json.WriteNumber("images_per_s", Math.Round(found.ImagesPerSecond, 1));
            json.WriteNumber("peak_rss_mib", Math.Round(found.PeakMib, 2));
            json.WriteNumber("allocated_bytes_per_step", found.AllocatedBytesPerStep);
            json.WriteNumber("rented_bytes_per_step", found.RentedBytesPerStep);
            json.WriteNumber("gc_collections", found.Collections);
            json.WriteNumber("gflops", Math.Round(found.Gflops, 2));
            if (found is { PeakGflops: { } peak, Floor: { } floor, TimesFloor: { } times })
            {
                json.WriteNumber("multiply_add_peak_gflops", Math.Round(peak, 1));
                json.WriteNumber("floor_s_per_step", floor);
                json.WriteNumber("times_floor", Math.Round(times, 3));
            }
            if (found.ThreadDistance is { } distance)
                json.WriteNumber("thread_distance_ns", Math.Round(distance, 1));
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
