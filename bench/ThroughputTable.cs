using System.Collections.Concurrent;
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
    private static readonly string[] Header =
        ["kernel", "size", "where", "median", "best", "GFLOP/s", "of peak", "of BLAS", "GB/s", "allocated"];

    private static readonly ConcurrentDictionary<string, bool> WithCuBlas = [];

    /// <summary>Prints the table, and says whether every benchmark has a result. Prints nothing where nothing was run.</summary>
    public static bool Print(IEnumerable<Summary> summaries, TextWriter output)
    {
        var ran = summaries.ToList();
        bool whole = ran.All(summary => !summary.HasCriticalValidationErrors);
        List<Done> done =
        [
            .. from summary in ran
               from line in InOrder(summary.BenchmarksCases)
               select new Done(line.Benchmark, line.Measured, summary[line.Benchmark])
        ];
        if (done.Count == 0)
            return whole;
        whole &= done.All(line => line.Median is not null);
        var lines = done.ConvertAll(line => LineOf(line, done.FirstOrDefault(line.IsBeside)));

        int[] widths =
        [
            .. Header.Select((title, i) => lines.Max(line => line[i].Length)).Zip(Header, (width, title) => Math.Max(width, title.Length))
        ];
        int vector = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        output.WriteLine();
        output.WriteLine(
            $"Throughput; cpu is a processor of {Environment.ProcessorCount} cores with {vector}-bit vectors, " +
            $"{RuntimeInformation.FrameworkDescription}. A product [m,k]·[k,n] has 2·m·n·k operations; bytes are those of the tensors " +
            "read and written. Rates are those of the median; where the best time is far from it, the machine had other work.");
        foreach (string place in Places.Chosen)
        {
            using var device = Places.Open(place);
            string apart = device is CpuDevice cpu && ThreadDistance.Nanoseconds(cpu, samples: 501) is { } distance
                ? $" What one thread writes another reads {distance:0} ns later."
                : "";
            var peaks = KernelBench.Peaks.Where(peak => peak.Key.Where == place).Select(peak => peak.Value).ToList();
            if (peaks.Count > 0)
                output.WriteLine(
                    $"{place} makes {peaks.Min():0} to {peaks.Max():0} GFLOP/s of multiply-adds at most, with nothing but registers: " +
                    $"its peak, measured beside each size.{apart}");
        }
        output.WriteLine($"{OpenBlas.Description}. Of BLAS: our product's speed in per cent of OpenBLAS's, on CUDA of cuBLAS's.");
        foreach (var device in Places.Devices)
            output.WriteLine($"{device}, {device.Driver}: a time is from a launch until the device is done.");
        output.WriteLine();
        output.WriteLine(Row(Header, widths));
        output.WriteLine(string.Join("  ", widths.Select(width => new string('-', width))));
        foreach (var line in lines)
            output.WriteLine(Row(line, widths));
        return whole;
    }

    /// <summary>
    /// Sizes in ascending order; within one the kernels as their class has them, so that variants and places lie beside each other.
    /// </summary>
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
        return Places.Chosen.Contains(place) && measured switch
        {
            MatMulOpenBlasBench => Places.IsCpu(place) && OpenBlas.IsThere,
            MatMulCuBlasBench => WithCuBlas.GetOrAdd(place, MatMulCuBlasBench.IsThereFor),
            _ => true,
        };
    }

    private static string PlaceOf(IMeasured measured) => measured is KernelBench bench ? bench.Where : "cpu x1";

    private static string[] LineOf(Done done, Done? blas)
    {
        if (done.Median is not { } nanoseconds)
            return [done.Kernel, done.Measured.Size, done.Place, "failed", "", "", "", "", "", ""];
        double? flops = done.Rate<FlopsAttribute>(flops => flops.PerUnit);
        double? bytes = done.Rate<FloatsAttribute>(floats => floats.PerUnit * sizeof(float));
        return
        [
            done.Kernel,
            done.Measured.Size,
            done.Place,
            Time(nanoseconds),
            Time(done.Report!.ResultStatistics!.Min),
            Number(flops, "0.0"),
            Number(KernelBench.Peaks.TryGetValue((done.Place, done.Measured.Size), out double peak) ? flops / peak : null, "0 %"),
            Number(blas?.Median / nanoseconds, "0 %"),
            Number(bytes, "0.0"),
            done.Report.GcStats.GetBytesAllocatedPerOperation(done.Benchmark) is { } allocated ? $"{allocated} B" : "",
        ];
    }

    private static string Number(double? number, string format) => number?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    /// <summary>A benchmark that was run.</summary>
    private sealed record Done(BenchmarkCase Benchmark, IMeasured Measured, BenchmarkReport? Report)
    {
        public string Place => PlaceOf(Measured);

        public string Kernel =>
            $"{Benchmark.Descriptor.Type.Name.Replace("Bench", "", StringComparison.Ordinal)}.{Benchmark.Descriptor.WorkloadMethod.Name}";

        /// <summary>Nanoseconds, or null where it failed.</summary>
        public double? Median => Report is { Success: true } ? Report.ResultStatistics?.Median : null;

        /// <summary>Things a nanosecond, which are 10⁹ of them a second, by an attribute that counts them for each unit.</summary>
        public double? Rate<A>(Func<A, int> perUnit)
            where A : Attribute =>
                Benchmark.Descriptor.WorkloadMethod.GetCustomAttribute<A>() is { } counted
                    ? perUnit(counted) * Measured.Units / Median
                    : null;

        /// <summary>Whether another is a library's, and this the product of ours to hold beside it.</summary>
        public bool IsBeside(Done other) => Measured is MatMulBench && other.Measured is MatMulOpenBlasBench or MatMulCuBlasBench
            && (other.Place, other.Measured.Size) == (Place, Measured.Size)
            && other.Benchmark.Descriptor.WorkloadMethod.Name == Benchmark.Descriptor.WorkloadMethod.Name;
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
