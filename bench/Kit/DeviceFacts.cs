using System.Text.Json.Nodes;
using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using ILGPU.Runtime;

namespace GanFromScratch.Bench.Kit;

/// <summary>A device's limits: what products, passes over memory and launches can be held against.</summary>
internal static class DeviceFacts
{
    private const int Floats = 64 << 20, QuickFloats = 1 << 20; // 256 MiB, which no cache holds

    /// <summary>Measures the limits; passes on an object of those known so far, after each.</summary>
    public static void Measure(AcceleratorDevice device, bool quick, Action<JsonObject> found)
    {
        var facts = new JsonObject
        {
            ["device"] = device.Name,
            ["model"] = device.Description.Model,
            ["driver"] = device.Description.Driver,
            ["memory_mib"] = device.Description.Memory >> 20,
            ["doubles"] = device.HasDoubles,
        };
        void Add(string name, JsonNode? value)
        {
            facts[name] = value;
            found((JsonObject)facts.DeepClone());
        }

        Add("differs_from_cpu", DeviceRounding.Difference(device));
        Add("multiply_add_peak_gflops", Math.Round(MultiplyAddPeak.Gflops(device, quick ? 3 : 31), 1));

        var watch = new Stopwatches(device, quick);
        var shape = new Shape(quick ? QuickFloats : Floats);
        double bytes = 2.0 * sizeof(float) * shape.Count;
        using (Tensor from = Tensor.Filled(device, shape, 1f), to = new(device, shape))
        {
            double copy = watch.Median(() => device.View(from).CopyTo(device.Stream, device.View(to)));
            facts["copy_mib"] = shape.Count * sizeof(float) >> 20;
            Add("copy_gb_per_s", Math.Round(bytes / copy / 1e9, 1));
            Add("map_gb_per_s", Math.Round(bytes / watch.Median(() => Elementwise.Map(default(Relu), from, to)) / 1e9, 1));
        }

        using (Tensor from = Tensor.Filled(device, new Shape(1), 1f), to = new(device, new Shape(1)))
        {
            void Launch() => Elementwise.Map(default(Relu), from, to);
            Add("launch_us", Math.Round(1e6 * watch.Median(Launch), 2));
            double alone = watch.Median(() =>
            {
                Launch();
                device.Synchronize();
            });
            Add("launch_and_wait_us", Math.Round(1e6 * alone, 2));
        }

        using var blas = CuBlasLibrary.Open(device, out string? whyNone);
        facts["cublas_missing_because"] = whyNone;
        Add("cublas", blas is not null);
    }
}
