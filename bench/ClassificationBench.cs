using BenchmarkDotNet.Attributes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>One-hot rows of labels, log-softmax and margins of ten classes.</summary>
public class ClassificationBench : KernelBench
{
    private const int Classes = 10;

    private Operands _operands = null!;

    [Params(32, 4096)]
    public int Rows { get; set; }

    public override string Size => $"{Rows}x{Classes}";

    public override long Units => (long)Rows * Classes;

    [GlobalSetup]
    public void Setup()
    {
        OpenDevice();
        _operands = new Operands(Device, Rows);
        using var one = new CpuDevice(1);
        var alone = new Operands(one, Rows);
        float[] x = alone.X.ToArray(), labels = alone.Labels.ToArray();
        double[] hot = new double[x.Length], soft = new double[x.Length], margins = new double[Rows];
        for (int n = 0; n < Rows; n++)
        {
            var row = x.AsSpan(n * Classes, Classes).ToArray();
            int label = (int)labels[n];
            hot[(n * Classes) + label] = 1;
            margins[n] = row[label] - row.Where((_, k) => k != label).Max();
            for (int k = 0; k < Classes; k++)
                soft[(n * Classes) + k] = row[k] - Math.Log(row.Sum(logit => Math.Exp(logit)));
        }
        Check("OneHot", hot, alone, o => o.OneHot());
        Check("LogSoftmax", soft, alone, o => o.LogSoftmax());
        Check("Margin", margins, alone, o => o.Margin());
    }

    [Benchmark, Floats(1)]
    public void OneHot() => Timed(o => o.OneHot());

    [Benchmark, Floats(2)]
    public void LogSoftmax() => Timed(o => o.LogSoftmax());

    [Benchmark, Floats(2)]
    public void Margin() => Timed(o => o.Margin());

    private void Timed(Func<Operands, Tensor> kernel)
    {
        kernel(_operands);
        Device.Synchronize();
    }

    private void Check(string what, double[] expected, Operands alone, Func<Operands, Tensor> kernel)
    {
        float[] result = kernel(_operands).ToArray();
        SameFormula(what, kernel(alone).ToArray(), result);
        Agreement.Near(what, expected, result, 1e-5);
    }

    private sealed class Operands(Device device, int rows)
    {
        private readonly Tensor _oneHot = new(device, new Shape(rows, Classes));
        private readonly Tensor _logSoftmax = new(device, new Shape(rows, Classes));
        private readonly Tensor _margins = new(device, new Shape(rows, 1));

        public Tensor X { get; } = Inputs.Uniform(device, new Shape(rows, Classes), 1, -8f, 8f);

        public Tensor Labels { get; } = Inputs.Uniform(device, new Shape(rows), 2, 0f, Classes);

        public Tensor OneHot()
        {
            Classification.OneHot(Labels, _oneHot);
            return _oneHot;
        }

        public Tensor LogSoftmax()
        {
            Classification.LogSoftmax(X, _logSoftmax);
            return _logSoftmax;
        }

        public Tensor Margin()
        {
            Classification.Margin(X, _oneHot, _margins);
            return _margins;
        }
    }
}
