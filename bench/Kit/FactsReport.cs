using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace GanFromScratch.Bench.Kit;

/// <summary>The card, its driver, its clocks and its limits.</summary>
internal sealed class FactsReport() : PartReport("facts", "Facts")
{
    private static readonly (string Name, string Title)[] Measured =
    [
        ("device", "device"),
        ("model", "model"),
        ("driver", "driver"),
        ("memory_mib", "memory, MiB"),
        ("differs_from_cpu", "differs from the cpu in"),
        ("multiply_add_peak_gflops", "multiply-add peak, GFLOP/s"),
        ("copy_gb_per_s", "copy on the device, GB/s read and written"),
        ("map_gb_per_s", "a kernel of one pass (ReLU), GB/s read and written"),
        ("launch_us", "a launch in a queue, µs"),
        ("launch_and_wait_us", "a launch that is waited for, µs"),
        ("cublas", "cuBLAS"),
        ("cublas_missing_because", "why it isn't used"),
    ];

    protected override void Fill(PartFolder left, JsonObject json, StringBuilder text)
    {
        var facts = left.Objects("limits").LastOrDefault();
        string[][] card = [.. left.Rows("card.tsv", 2)];
        string[][] machine = [.. left.Rows("machine.tsv", 2)];
        Table(text, ["what", "is"],
        [
            .. machine,
            .. card,
            .. Measured.Where(row => facts?[row.Name] is not null).Select(row => (string[])[row.Title, Shown(facts, row.Name, "#,0.##")]),
        ]);
        json["machine"] = ObjectOf(machine);
        json["card"] = card.Length == 0 ? null : ObjectOf(card);
        json["measured"] = facts;

        // nvidia-smi beside the measurements: SM and memory clock in MHz, watts
        double[] clocks = [.. left.Lines("clocks.out").Select(line => FirstNumber(line)).OfType<double>()];
        if (clocks.Length > 0)
        {
            json["sm_clock_mhz_least"] = clocks.Min();
            json["sm_clock_mhz_greatest"] = clocks.Max();
            double[] busy = [.. clocks.Order().Skip(clocks.Length / 2)]; // before the first kernel and after the last one it is idle
            json["sm_clock_mhz_busy"] = busy[busy.Length / 2];
            text.Append(CultureInfo.InvariantCulture, $"\nWhile this was measured the SM clock was mostly {busy[busy.Length / 2]:0}, ");
            text.Append(CultureInfo.InvariantCulture, $"at most {clocks.Max():0} MHz.\n");
        }
    }

    private static double? FirstNumber(string line) =>
        double.TryParse(line.Split(',')[0].Trim(), CultureInfo.InvariantCulture, out double number) ? number : null;

    private static JsonObject ObjectOf(string[][] rows)
    {
        var made = new JsonObject();
        foreach (string[] row in rows)
            made[row[0]] = row[1];
        return made;
    }
}
