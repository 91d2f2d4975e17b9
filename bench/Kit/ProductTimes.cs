using System.Text.Json.Nodes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench.Kit;

// x[B,I] w[I,O] y[B,O]: B samples, I inputs, O outputs; a size is BxIxO

/// <summary>The three products of dense layers on a device, beside cuBLAS where it is there.</summary>
internal static class ProductTimes
{
    private static readonly Product[] Squares = [.. new[] { 512, 1024, 2048, 4096 }.Select(n => new Product(n, n, n))];

    private static readonly Product[] Hsu =
    [
        new(256, 100, 128), new(256, 128, 256), new(256, 256, 512), new(256, 512, 784),
        new(256, 784, 512), new(256, 512, 256), new(256, 256, 128), new(256, 128, 1),
    ];

    /// <summary>Returns the layers of odog and of hsu at their own batches, then squares; quickly, one of each.</summary>
    public static IEnumerable<Product> Sizes(bool quick) => quick
        ? [new(128, 128, 128), OdogLayers.Generator[0], Hsu[^1]]
        : [.. OdogLayers.Generator, .. OdogLayers.Discriminator, .. Hsu, .. Squares];

    /// <summary>Times all sizes; passes on an object for each product.</summary>
    /// <exception cref="InvalidOperationException">A result is wrong, so that its time is worth nothing.</exception>
    public static void Measure(AcceleratorDevice device, bool quick, Action<JsonObject> found)
    {
        using var blas = CuBlasLibrary.Open(device, out string? whyNone);
        using var cpu = new CpuDevice(1);

        // drawn here: a device that draws zeros, or gives back zeros, is not to be taken for one that multiplies
        float[] Uniform(Shape shape, uint stream)
        {
            using var drawn = Inputs.Uniform(cpu, shape, stream);
            return drawn.ToArray();
        }

        foreach (var size in Sizes(quick))
        {
            var (samples, inputs, outputs) = size;
            Shape ofX = new(samples, inputs), ofW = new(inputs, outputs), ofY = new(samples, outputs);
            float[] x = Uniform(ofX, 1), w = Uniform(ofW, 2), dy = Uniform(ofY, 3);
            var products = new (string Name, float[] A, Shape OfA, bool TransposeA, float[] B, Shape OfB, bool TransposeB, Shape OfY)[]
            {
                ("x·W", x, ofX, false, w, ofW, false, ofY),
                ("dy·Wᵀ", dy, ofY, false, w, ofW, true, ofX),
                ("xᵀ·dy", x, ofX, true, dy, ofY, false, ofW),
            };
            double peak = MultiplyAddPeak.Gflops(device, 3); // beside each size: a card's clock moves
            foreach (var (name, left, ofA, transposeA, right, ofB, transposeB, ofResult) in products)
            {
                using Tensor a = Tensor.From(device, ofA, left), b = Tensor.From(device, ofB, right), result = new(device, ofResult);
                var watch = new Stopwatches(device, quick);
                double ours = watch.Median(() => MatMul.Run(a, transposeA, b, transposeB, result));
                Agreement.SameChain($"{size}, {name}", left, transposeA, right, transposeB, result);
                double? library = null;
                if (blas is not null)
                {
                    double[] expected = Array.ConvertAll(result.ToArray(), number => (double)number);
                    library = watch.Median(() => blas.Multiply(a, transposeA, b, transposeB, result));
                    Agreement.Near($"cuBLAS, {size}, {name}", expected, result.ToArray(), 1e-3); // it sums in another order
                }
                found(new JsonObject
                {
                    ["size"] = size.ToString(),
                    ["product"] = name,
                    ["ours_us"] = Math.Round(1e6 * ours, 2),
                    ["ours_gflops"] = Rate(ours),
                    ["cublas_us"] = library is null ? null : Math.Round(1e6 * library.Value, 2),
                    ["cublas_gflops"] = library is null ? null : Rate(library.Value),
                    ["cublas_missing_because"] = whyNone,
                    ["multiply_add_peak_gflops"] = Math.Round(peak, 1),
                    ["share_of_peak"] = Math.Round(2.0 * size.MultiplyAdds / ours / 1e9 / peak, 4),
                });
            }

            double Rate(double seconds) => Math.Round(2.0 * size.MultiplyAdds / seconds / 1e9, 1);
        }
    }
}
