using System.Text.Json.Nodes;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench.Kit;

/// <summary>
/// `bench gpu`: what the kit in bench/gpu asks of this program. BenchmarkDotNet measures each case for a second and more; a borrowed GPU is
/// there for minutes, so these are timed by a few milliseconds of launches each, and reported as soon as they are known.
/// </summary>
internal static class KitCommand
{
    private const string Usage = """
        bench gpu facts --device DEVICE [--quick]       a device's limits, as a JSON object
        bench gpu products --device DEVICE [--quick]    matrix products beside cuBLAS, a JSON object a line
        bench gpu sizes [--quick]                       the products' sizes, as PyTorch's script takes them
        bench gpu report PART FOLDER                    writes FOLDER/PART.json, prints a section of the report
        DEVICE is cuda, opencl, or one of them with a number: cuda:1.
        """;

    /// <summary>
    /// Runs a command; returns the exit code: 0 when done, 1 for wrong results, 2 for wrong usage, 4 for a missing or failing device.
    /// </summary>
    public static int Run(string[] arguments)
    {
        bool quick = arguments.Contains("--quick");
        switch (arguments.Where(argument => argument != "--quick").ToArray())
        {
            case ["facts", "--device", var name]:
                return OnDevice(name, device => DeviceFacts.Measure(device, quick, Print));
            case ["products", "--device", var name]:
                return OnDevice(name, device => ProductTimes.Measure(device, quick, Print));
            case ["sizes"]:
                foreach (var product in ProductTimes.Sizes(quick))
                    Console.WriteLine($"{product.M} {product.K} {product.N}");
                return 0;
            case ["report", var part, var folder] when PartReport.Find(part) is { } report:
                Console.Write(report.Write(folder));
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    private static void Print(JsonObject line)
    {
        Console.WriteLine(line.ToJsonString());
        Console.Out.Flush();
    }

    private static int OnDevice(string name, Action<AcceleratorDevice> measure)
    {
        string[] parts = name.Split(':');
        int? number = parts.Length == 2 && int.TryParse(parts[1], out int given) ? given : null;
        if (parts[0] is not ("cuda" or "opencl") || parts.Length != (number is null ? 1 : 2))
        {
            Console.Error.WriteLine($"--device: '{name}' is neither cuda nor opencl, with or without a number.");
            return 2;
        }
        try
        {
            var catalog = new DeviceCatalog();
            using var device = catalog.Open(catalog.Find(parts[0], number), DeviceSettings.OfThisProcess());
            measure(device);
            return 0;
        }
        catch (InvalidOperationException fault)
        {
            Console.Error.WriteLine($"{fault.Message}.");
            return 1;
        }
        catch (DeviceException fault)
        {
            Console.Error.WriteLine(fault.Message);
            return 4;
        }
    }
}
