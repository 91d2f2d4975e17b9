using BenchmarkDotNet.Attributes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

// x[R,C]: R rows, C = 1024 columns

/// <summary>Sums of everything, over rows and over columns, and the repeats that are their opposite.</summary>
public class ReduceBench : KernelBench
{
    private const int Columns = 1024;

    private Operands _operands = null!;

    [Params(OdogLayers.Batch, 1024)]
    public int Rows { get; set; }

    public override string Size => $"{Rows}x{Columns}";

    public override long Units => (long)Rows * Columns;

    [GlobalSetup]
    public void Setup()
    {
        OpenDevice();
        _operands = new Operands(Device, Rows);
        using var one = new CpuDevice(1);
        var alone = new Operands(one, Rows);
        double[] sum = new double[1], rows = new double[Columns], columns = new double[Rows];
        float[] x = alone.X.ToArray();
        for (int i = 0; i < x.Length; i++)
        {
            sum[0] += x[i];
            rows[i % Columns] += x[i];
            columns[i / Columns] += x[i];
        }
        Check("Sum", sum, alone, o => o.Sum());
        Check("SumRows", rows, alone, o => o.SumRows());
        Check("SumColumns", columns, alone, o => o.SumColumns());
        float[] row = alone.Row.ToArray(), column = alone.Column.ToArray();
        Check("RepeatRows", [.. x.Select((_, i) => (double)row[i % Columns])], alone, o => o.RepeatRows());
        Check("RepeatColumns", [.. x.Select((_, i) => (double)column[i / Columns])], alone, o => o.RepeatColumns());
    }

    [Benchmark, Floats(1)]
    public void Sum() => Timed(o => o.Sum());

    [Benchmark, Floats(1)]
    public void SumRows() => Timed(o => o.SumRows());

    [Benchmark, Floats(1)]
    public void SumColumns() => Timed(o => o.SumColumns());

    [Benchmark, Floats(1)]
    public void RepeatRows() => Timed(o => o.RepeatRows());

    [Benchmark, Floats(1)]
    public void RepeatColumns() => Timed(o => o.RepeatColumns());

    private void Timed(Func<Operands, Tensor> kernel)
    {
        kernel(_operands);
        Device.Synchronize();
    }

    private void Check(string what, double[] expected, Operands alone, Func<Operands, Tensor> kernel)
    {
        float[] result = kernel(_operands).ToArray(), here = kernel(alone).ToArray();
        if (HasBitsOfCpu || what.StartsWith("Repeat", StringComparison.Ordinal))
            Agreement.SameBits(what, here, result);
        Agreement.Near(what, expected, result, 1e-5);
    }

    private sealed class Operands(Device device, int rows)
    {
        private readonly Tensor _sum = new(device, new Shape(1));
        private readonly Tensor _sumRows = new(device, new Shape(Columns));
        private readonly Tensor _sumColumns = new(device, new Shape(rows));
        private readonly Tensor _repeated = new(device, new Shape(rows, Columns));

        public Tensor X { get; } = Inputs.Uniform(device, new Shape(rows, Columns), 1, 0.5f, 1.5f);

        public Tensor Row { get; } = Inputs.Uniform(device, new Shape(Columns), 2);

        public Tensor Column { get; } = Inputs.Uniform(device, new Shape(rows), 3);

        public Tensor Sum()
        {
            Reduce.Sum(default(Identity), X, 1f, _sum);
            return _sum;
        }

        public Tensor SumRows()
        {
            Reduce.SumRows(X, _sumRows);
            return _sumRows;
        }

        public Tensor SumColumns()
        {
            Reduce.SumColumns(X, _sumColumns);
            return _sumColumns;
        }

        public Tensor RepeatRows()
        {
            Reduce.RepeatRows(Row, _repeated);
            return _repeated;
        }

        public Tensor RepeatColumns()
        {
            Reduce.RepeatColumns(Column, 1f, _repeated);
            return _repeated;
        }
    }
}
