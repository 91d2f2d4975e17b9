using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>What a run ends in: a line for each kernel, size and place.</summary>
internal static class ThroughputTable
{
    private static readonly string[] Header = ["kernel", "size", "where", "median", "best", "GFLOP/s", "GB/s", "allocated"];

    /// <summary>Prints the table, and says whether every benchmark has a result. Prints nothing where nothing was run.</summary>
    public static bool Print(IEnumerable<Summary> summaries, TextWriter output)
    {
        var lines = new List<string[]>();
        bool whole = true;
        foreach (var summary in summaries)
        {
            whole &= !summary.HasCriticalValidationErrors;
            foreach (var (benchmark, measured) in InOrder(summary.BenchmarksCases))
            {
                var report = summary[benchmark];
                whole &= report is { Success: true, ResultStatistics: not null };
                lines.Add(LineOf(benchmark, measured, report));
            }
        }
        if (lines.Count == 0)
            return whole;

        int[] widths = [.. Header.Select((title, i) => lines.Max(line => line[i].Length)).Zip(Header, (width, title) => Math.Max(width, title.Length))];
        int vector = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        output.WriteLine();
        output.WriteLine(
            $"Throughput; cpu is a processor of {Environment.ProcessorCount} cores with {vector}-bit vectors, {RuntimeInformation.FrameworkDescription}. A product [m,k]·[k,n] has " +
            "2·m·n·k operations; bytes are those of the tensors read and written. Rates are those of the median; where the best time is far from it, " +
            "the machine had other work.");
        foreach (string place in Places.Chosen.Where(Places.IsCpu))
        {
            using var cpu = (CpuDevice)Places.Open(place);
            string apart = ThreadDistance.Nanoseconds(cpu, samples: 501) is { } distance ? $" What one thread writes another reads {distance:0} ns later." : "";
            output.WriteLine($"{place} makes {MultiplyAddPeak.Gflops(cpu, samples: 501):0} GFLOP/s of multiply-adds at most, with nothing but registers.{apart}");
        }
        output.WriteLine($"{OpenBlas.Description}.");
        foreach (var device in Places.Devices)
            output.WriteLine($"{device}, {device.Driver}: a time is from a launch until the device is done.");
        output.WriteLine();
        output.WriteLine(Row(Header, widths));
        output.WriteLine(string.Join("  ", widths.Select(width => new string('-', width))));
        foreach (var line in lines)
            output.WriteLine(Row(line, widths));
        return whole;
    }

    /// <summary>Sizes in ascending order; within one the kernels as their class has them, so that variants and places lie beside each other.</summary>
    private static IEnumerable<(BenchmarkCase Benchmark, IMeasured Measured)> InOrder(IEnumerable<BenchmarkCase> benchmarks) => benchmarks
        .Select(benchmark => (Benchmark: benchmark, Measured: Measured(benchmark)))
        .OrderBy(line => line.Measured.Units)
        .ThenBy(line => line.Measured.Size, StringComparer.Ordinal)
        .ThenBy(line => line.Benchmark.Descriptor.MethodIndex)
        .ThenBy(line => Places.Chosen.ToList().IndexOf(PlaceOf(line.Measured)));

    /// <summary>Whether a case was asked for. Benchmarks that only make sense on the CPU are there on one thread.</summary>
    public static bool IsChosen(BenchmarkCase benchmark)
    {
        var measured = Measured(benchmark);
        string place = PlaceOf(measured);
        return Places.Chosen.Contains(place) && (measured is not MatMulOpenBlasBench || (Places.IsCpu(place) && OpenBlas.IsThere));
    }

    private static string PlaceOf(IMeasured measured) => measured is KernelBench bench ? bench.Where : "cpu x1";

    private static string[] LineOf(BenchmarkCase benchmark, IMeasured measured, BenchmarkReport? report)
    {
        var type = benchmark.Descriptor.Type;
        var method = benchmark.Descriptor.WorkloadMethod;
        string kernel = $"{type.Name.Replace("Bench", "", StringComparison.Ordinal)}.{method.Name}";
        string place = PlaceOf(measured);
        if (report?.ResultStatistics is not { } statistics)
            return [kernel, measured.Size, place, "failed", "", "", "", ""];

        double nanoseconds = statistics.Median; // operations and bytes a nanosecond are 10⁹ of them a second
        string Rate(double? perUnit) => perUnit is { } count
            ? (count * measured.Units / nanoseconds).ToString("0.0", CultureInfo.InvariantCulture)
            : "";
        return
        [
            kernel,
            measured.Size,
            place,
            Time(nanoseconds),
            Time(statistics.Min),
            Rate(method.GetCustomAttribute<FlopsAttribute>()?.PerUnit),
            Rate(method.GetCustomAttribute<FloatsAttribute>()?.PerUnit * sizeof(float)),
            report.GcStats.GetBytesAllocatedPerOperation(benchmark) is { } bytes ? $"{bytes} B" : "",
        ];
    }

    /// <summary>An instance with the case's parameters, which knows its size and units.</summary>
    private static IMeasured Measured(BenchmarkCase benchmark)
    {
        var type = benchmark.Descriptor.Type;
        object instance = Activator.CreateInstance(type)!;
        foreach (var parameter in benchmark.Parameters.Items)
            type.GetProperty(parameter.Name)!.SetValue(instance, parameter.Value);
        return (IMeasured)instance;
    }

    private static string Time(double nanoseconds) => nanoseconds switch
    {
        < 1e6 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e3:0.00} us"),
        < 1e9 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:0.00} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9:0.00} s"),
    };

    /// <summary>Names to the left, numbers to the right.</summary>
    private static string Row(string[] cells, int[] widths) =>
        string.Join("  ", cells.Select((cell, i) => i < 3 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd();
}
