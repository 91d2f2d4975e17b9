using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>
/// One row for each op. A new op is one more row here; <see cref="OpTableTests"/> fails until it is there.
/// </summary>
internal static class OpTable
{
    /// <summary>
    /// Formulas: the range that x is taken from (kinks left out), and the largest error of float32 in units of the last place of max(|y|,
    /// size).
    /// </summary>
    public static readonly FormulaRow[] Formulas =
    [
        //                                      x from    to   ulps  size  kinks
        Formula(default(Identity),                -20,    20,     0),
        Formula(new Affine(-1.7f, 0.3f),          -20,    20,     1,    1),
        Formula(default(Relu),                     -5,     5,     0,    0,  0),
        Formula(new LeakyRelu(0.2f),               -5,     5,     1,    0,  0),
        Formula(default(Tanh),                     -3,     3,     6,    1),
        Formula(default(Sigmoid),                  -6,     6,     6,    1),
        Formula(default(Softplus),                 -8,     8,     6,    1),
        Formula(default(Exp),                     -20,    20,     3),
        Formula(default(Log),                   0.001,     5,     3),
        Formula(default(Sqrt),                   0.01,    50,     2),
        Formula(default(Square),                  -20,    20,     1),
        Formula(default(Reciprocal),              0.1,     9,     3),
        Formula(new Bce(1f, 1e-7f),             0.001,  0.95,     6,    1),
        Formula(new Bce(0.3f, 0.25f),            0.01,  0.99,     6,    1,  0.25f, 0.75f),
        Formula(new BceWithLogits(0f),             -6,     6,     6,    1),
        Formula(new BceWithLogits(0.9f),           -6,     6,     6,    1),
    ];

    /// <summary>Functions of two numbers, and what they are in double.</summary>
    public static readonly ZipRow[] Zips =
    [
        Zip(default(Add), (a, b) => a + b),
        Zip(default(Subtract), (a, b) => a - b),
        Zip(default(Multiply), (a, b) => a * b),
    ];

    /// <summary>Ops with a structure: the shapes of their inputs for n rows and c columns, and the op.</summary>
    public static readonly StructuredRow[] Structured =
    [
        new("Add", (n, c) => [new(n, c), new(n, c)], v => v[0].Add(v[1])),
        new("Add to itself", (n, c) => [new(n, c)], v => v[0].Add(v[0])),
        new("AddRow", (n, c) => [new(n, c), new(c)], v => v[0].AddRow(v[1])),
        new("AddRow [1,C]", (n, c) => [new(n, c), new(1, c)], v => v[0].AddRow(v[1])),
        new("Subtract", (n, c) => [new(n, c), new(n, c)], v => v[0].Subtract(v[1])),
        new("Multiply", (n, c) => [new(n, c), new(n, c)], v => v[0].Multiply(v[1])),
        new("Multiply by itself", (n, c) => [new(n, c)], v => v[0].Multiply(v[0])),
        new("MultiplyRow", (n, c) => [new(n, c), new(c)], v => v[0].MultiplyRow(v[1])),
        new("MultiplyRow [1,C]", (n, c) => [new(n, c), new(1, c)], v => v[0].MultiplyRow(v[1])),
        new("Sum", (n, c) => [new(n, c)], v => v[0].Square().Sum()),
        new("Mean", (n, c) => [new(n, c)], v => v[0].Square().Mean()),
        new("SumRows", (n, c) => [new(n, c)], v => v[0].SumRows().Square()),
        new("SumRows of pictures", (n, c) => [new(n, 5, 3, c)], v => v[0].SumRows().Square()),
        new("AddRow to pictures", (n, c) => [new(n, 5, 3, c), new(c)], v => v[0].AddRow(v[1])),
        new("MultiplyRow of pictures", (n, c) => [new(n, 5, 3, c), new(c)], v => v[0].MultiplyRow(v[1])),
        new("SumColumns", (n, c) => [new(n, c)], v => v[0].SumColumns().Square()),
        new("Repeat", (n, c) => [new(1, 1), new(n, c)], v => v[0].Repeat(v[1].Shape, -0.7f).Multiply(v[1])),
        new("RepeatRows", (n, c) => [new(c), new(n, c)], v => v[0].RepeatRows(v[1].Shape).Multiply(v[1])),
        new("RepeatRows to pictures", (n, c) => [new(c), new(n, 5, 3, c)], v => v[0].RepeatRows(v[1].Shape).Multiply(v[1])),
        new("RepeatColumns [N]", (n, c) => [new(n), new(n, c)], v => v[0].RepeatColumns(v[1].Shape).Multiply(v[1])),
        new("RepeatColumns", (n, c) => [new(n, 1), new(n, c)], v => v[0].RepeatColumns(v[1].Shape).Multiply(v[1])),
        new("MatMul", (n, c) => [new(n, 5), new(5, c)], v => v[0].MatMul(v[1])),
        new("MatMul aT", (n, c) => [new(5, n), new(5, c)], v => v[0].MatMul(v[1], transposeA: true)),
        new("MatMul bT", (n, c) => [new(n, 5), new(c, 5)], v => v[0].MatMul(v[1], transposeB: true)),
        new("MatMul aT bT", (n, c) => [new(5, n), new(c, 5)], v => v[0].MatMul(v[1], true, true)),
        new("MatMul by itself", (n, c) => [new(c, c)], v => v[0].MatMul(v[0])),
        new("Linear", (n, c) => [new(n, 5), new(5, c), new(c)], v => v[0].Linear(v[1], v[2])),
        new("Linear [1,C]", (n, c) => [new(n, 5), new(5, c), new(1, c)], v => v[0].Linear(v[1], v[2], default(Tanh))),
        new("Linear ReLU", (n, c) => [new(n, 5), new(5, c), new(c)], v => v[0].Linear(v[1], v[2], default(Relu))),
        new("Linear LeakyReLU", (n, c) => [new(n, 5), new(5, c), new(c)], v => v[0].Linear(v[1], v[2], new LeakyRelu(0.2f))),
        new("Linear tanh", (n, c) => [new(n, 5), new(5, c), new(c)], v => v[0].Linear(v[1], v[2], default(Tanh))),
        new("the slope of two layers", (n, c) => [new(n, 5), new(5, c), new(c), new(c, 3)], SlopeOfLayers),
        new("Linear sigmoid", (n, c) => [new(n, 5), new(5, c), new(c)], v => v[0].Linear(v[1], v[2], default(Sigmoid))),
        new("Linear exp", (n, c) => [new(n, 5), new(5, c), new(c)], v => v[0].Scale(0.3f).Linear(v[1], v[2], default(Exp))),
        new("MatMul twice with one weight", (n, c) => [new(n, 5), new(5, c)], v => v[0].MatMul(v[1]).Add(v[0].Scale(0.3f).MatMul(v[1]))),
        new("Linear of a layer", (n, c) => [new(n, 5), new(5, 4), new(4), new(4, c), new(c)],
            v => v[0].Linear(v[1], v[2], default(Tanh)).Linear(v[3], v[4], default(Sigmoid))),
        new("two products of a layer", (n, c) => [new(n, 5), new(5, 4), new(4), new(4, c)],
            v => Layer(v) is var h ? h.MatMul(v[3]).Add(h.Scale(0.5f).MatMul(v[3])).Add(h.MatMul(v[3])) : h),
        new("a layer by itself", (n, c) => [new(n, 5), new(5, c), new(c)], v => Layer(v) is var h ? h.MatMul(h, transposeB: true) : h),
        new("a layer as a weight", (n, c) => [new(n, 5), new(5, c), new(c)], v => Layer(v) is var h ? v[0].MatMul(h, transposeA: true) : h),
        new("Convolution", (n, c) => [new(n, 5, 4, 2), new(3, 3, 2, c)], v => v[0].Convolve(v[1], Window.Same(3, 2, 5, 4))),
        new("Convolution 1x1", (n, c) => [new(n, 1, 2, c), new(1, 1, c, 1)], v => v[0].Convolve(v[1], new Window(1, 1))),
        new("Convolution tanh", (n, c) => [new(n, 2, 3, c), new(5, 2, c, 3), new(3)],
            v => v[0].Convolve(v[1], v[2], new Window(5, 2, 1, 2, 1, 0, 0), default(Tanh))),
        new("Convolution LeakyReLU", (n, c) => [new(n, 4, 4, 3), new(3, 3, 3, c), new(c)],
            v => v[0].Convolve(v[1], v[2], Window.Padded(3, 1, 1), new LeakyRelu(0.2f))),
        new("transposed convolution", (n, c) => [new(n, 3, 2, c), new(4, 4, 2, c)],
            v => v[0].ConvolveTransposed(v[1], Window.Padded(4, 2, 1))),
        new("transposed convolution ReLU", (n, c) => [new(n, 2, 3, 2), new(3, 3, c, 2), new(c)],
            v => v[0].ConvolveTransposed(v[1], v[2], new Window(3, 3, 2, 0, 1, 1, 0), default(Relu))),
        new("Convolution of layers", (n, c) => [new(n, 3, 3, 1), new(3, 3, 1, c), new(c), new(2, 2, c, 2), new(2, 2, 1, 2)],
            v => v[0].Convolve(v[1], v[2], Window.Same(3, 1, 3, 3), default(Tanh)) is var h
                ? h.Convolve(v[3], new Window(2, 2)).ConvolveTransposed(v[4], new Window(2, 2)) : h),
        new("Convolution by itself", (n, c) => [new(2, 3, 3, c)],
            v => v[0].Convolve(v[0].Reshape(new Shape(3, 3, v[0].Shape[3], 2)), Window.Padded(3, 1, 1))),
        new("the slope of convolutions", (n, c) => [new(n, 3, 3, 2), new(2, 2, 2, c), new(c), new(2, 2, 3, c), new(3)],
            SlopeOfConvolutions),
        new("a kernel's gradient", (n, c) => [new(n, 3, 3, 2), new(2, 2, 2, c)], KernelsGradient),
        new("BatchNorm of a layer", (n, c) => [new(n, 5), new(5, c), new(c), new(c), new(c)],
            v => Layer(v).BatchNorm(v[3], v[4], 1e-3f, out _, out _), 3),
        new("BatchNorm", (n, c) => [new(n, c), new(c), new(c)], v => v[0].BatchNorm(v[1], v[2], 1e-3f, out _, out _), 3),
        new("BatchNorm [1,C]", (n, c) => [new(n, c), new(1, c), new(1, c)], v => v[0].BatchNorm(v[1], v[2], 1e-3f, out _, out _), 3),
        new("BatchNorm inference", (n, c) => [new(n, c), new(c), new(1, c)],
            v => v[0].BatchNorm(v[1], v[2], Numbers(v[0], -0.5f), Numbers(v[0], 0.7f), 1e-3f)),
        new("BatchNorm of pictures", (n, c) => [new(n, 5, 3, c), new(c), new(c)],
            v => v[0].BatchNorm(v[1], v[2], 1e-3f, out _, out _)),
        new("BatchNorm of pixels", (n, c) => [new(n, 1, 1, c), new(c), new(c)], v => v[0].BatchNorm(v[1], v[2], 1e-3f, out _, out _), 3),
        new("BatchNorm inference of pictures", (n, c) => [new(n, 5, 3, c), new(c), new(c)],
            v => v[0].BatchNorm(v[1], v[2], Numbers(v[0], -0.5f), Numbers(v[0], 0.7f), 1e-3f)),
        new("Upsample", (n, c) => [new(n, 3, 2, c)], v => v[0].Upsample().Square()),
        new("SumPool", (n, c) => [new(n, 2, 4, c)], v => v[0].SumPool().Square()),
        new("Move", (n, c) => [new(n, 4, 3, c)],
            v => v[0].Move(Draws(v[0]), new PixelMove(1, 1, 0, 0.5f)).Square()),
        new("ZeroPad", (n, c) => [new(n, 2, 3, c)], v => v[0].ZeroPad(0, 1, 0, 1).Square()),
        new("Crop", (n, c) => [new(n, 4, 5, c)], v => v[0].Crop(1, 0, 2, 1).Square()),
        new("SliceColumns", (n, c) => [new(n, c + 3)], v => v[0].SliceColumns(2, v[0].Shape.Columns - 3).Square()),
        new("ConcatColumns", (n, c) => [new(n, c), new(n, 3)], v => v[0].ConcatColumns(v[1]).Square()),
        new("ConcatColumns of pictures", (n, c) => [new(n, 2, 3, 1), new(n, 2, 3, c)], v => v[0].ConcatColumns(v[1]).Square()),
        new("GlobalAveragePool", (n, c) => [new(n, 3, 2, c)], v => v[0].GlobalAveragePool().Square()),
        new("LogSoftmax", (n, c) => [new(n, c)], v => v[0].LogSoftmax()),
        new("SoftmaxCrossEntropy", (n, c) => [new(n, c)], v => v[0].SoftmaxCrossEntropy(OneHot(v[0]))),
        new("a table's rows", (n, c) => [new(c, 3), new(n, c), new(n, 3)], v => OneHot(v[1]).MatMul(v[0]).Multiply(v[2])),
        new("Reshape", (n, c) => [new(n, 2 * c)], v => v[0].Reshape(new Shape(2 * v[0].Shape.Rows, v[0].Shape.Columns / 2)).Square()),
        new("Dropout", (n, c) => [new(n, c)], v => v[0].Dropout(0.6f, new RandomMasks(new RandomStream(1, 2)))),
        new("a formula", (n, c) => [new(n, c)], v => v[0].Map(default(Tanh))),
        new("a loss", (n, c) => [new(n, c)], v => v[0].BceWithLogits(0.9f)),
        new("two losses", (n, c) => [new(n, c), new(n + 1, c)], v => BceWithLogitsOps.BceWithLogitsOfBoth(v[0], v[1])),
        new("a sum of squares", (n, c) => [new(n, c)], v => v[0].SumOf(default(Square), 0.3f)),
        new("a scaled loss", (n, c) => [new(n, c)], v => v[0].BceWithLogits(0.9f).Square()),
        new("a loss of probabilities", (n, c) => [new(n, c)], v => v[0].Sigmoid().Bce(0.9f)),
    ];

    private static Var Layer(Var[] v) => v[0].Linear(v[1], v[2], default(Tanh));

    private static Var SlopeOfLayers(Var[] v)
    {
        var y = v[0].Linear(v[1], v[2], new LeakyRelu(0.2f)).MatMul(v[3]);
        return v[0].Tape.Gradients(y.Multiply(y).Sum(), [v[0]], differentiable: true)[v[0]]; // of Square there is no third derivative
    }

    private static Var SlopeOfConvolutions(Var[] v)
    {
        var f = new LeakyRelu(0.2f);
        var y = v[0].Convolve(v[1], v[2], new Window(2, 2), f).ConvolveTransposed(v[3], v[4], new Window(2, 2), f);
        return v[0].Tape.Gradients(y.Multiply(y).Sum(), [v[0]], differentiable: true)[v[0]];
    }

    private static Var KernelsGradient(Var[] v)
    {
        var y = v[0].Convolve(v[1], new Window(2, 2));
        return v[0].Tape.Gradients(y.Multiply(y).Sum(), [v[1]], differentiable: true)[v[1]];
    }

    /// <summary>The formulas and ops among these types that no row covers.</summary>
    public static IEnumerable<string> Missing(IEnumerable<Type> types)
    {
        HashSet<Type> covered =
            [.. Formulas.Select(row => row.Type), .. Zips.Select(row => row.Type), .. Structured.SelectMany(row => row.OpsSeen())];
        return from type in types
               where !type.IsAbstract && !covered.Contains(type)
               where type.IsValueType
                   ? type.IsAssignableTo(typeof(IMap)) || type.IsAssignableTo(typeof(IZip))
                   : type.IsAssignableTo(typeof(Op))
               select type.Name;
    }

    private static FormulaRow Formula<F>(F f, double from, double to, double ulps, double size = 0, params float[] kinks)
        where F : struct, IMap => new FormulaRow<F>(f, from, to, ulps, size, kinks);

    private static ZipRow Zip<F>(F f, Func<double, double, double> expected)
        where F : struct, IZip => new ZipRow<F>(f, expected);

    /// <summary>The row after every third has the label of the row before it; some columns are no row's.</summary>
    private static Var OneHot(Var x)
    {
        int classes = x.Shape.Columns;
        float[] labels = [.. Enumerable.Range(0, x.Shape.Rows).Select(n => (float)((n - (n % 3 / 2)) * 2 % classes))];
        return x.Tape.Own(Tensor.From(x.Tape.Device, new Shape(labels.Length), labels)).OneHot(classes);
    }

    /// <summary>Every way that a picture can be moved.</summary>
    private static Var Draws(Var x)
    {
        float[] values = [.. Enumerable.Range(0, 3 * x.Shape[0]).Select(i => i * 0.37f % 1f)];
        return x.Tape.Own(Tensor.From(x.Tape.Device, new Shape(x.Shape[0], 3), values));
    }

    /// <summary>Statistics for inference: different for each column, variances positive.</summary>
    private static Tensor Numbers(Var x, float around)
    {
        float[] values = [.. Enumerable.Range(0, x.Shape.Columns).Select(i => around + (0.3f * MathF.Sin(i)))];
        return x.Tape.Own(Tensor.From(x.Tape.Device, new Shape(values.Length), values)).Value;
    }
}

/// <summary>An op of tensors, with inputs of any odd size.</summary>
/// <param name="Name">What the row is called.</param>
/// <param name="Shapes">The inputs' shapes for n rows and c columns.</param>
/// <param name="Apply">The op, or a short formula around it.</param>
/// <param name="LeastRows">The fewest rows that it is checked with.</param>
internal sealed record StructuredRow(string Name, Func<int, int, Shape[]> Shapes, Func<Var[], Var> Apply, int LeastRows = 1)
{
    /// <summary>Inputs of uniform numbers in ±1.5, the same for the same size.</summary>
    public Parameter[] Inputs(Device device, int n, int c, uint set = 0)
    {
        var random = new RandomStream(7, set);
        return [.. Shapes(Math.Max(n, LeastRows), c).Select((shape, i) =>
        {
            var value = new Tensor(device, shape);
            RandomNumbers.Uniform(random, -1.5f, 1.5f, value);
            return new Parameter($"input {i} ", value);
        })];
    }

    /// <summary>The op's output on a tape.</summary>
    public Var On(Tape tape, Parameter[] inputs) => Apply([.. inputs.Select(tape.Use)]);

    /// <summary>The kinds of ops that are on the tape when the row is differentiated twice, each to be differentiated again.</summary>
    public IEnumerable<Type> OpsSeen()
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        var inputs = Inputs(device, 3, 4);
        var first = tape.Gradients(On(tape, inputs).Square().Sum(), inputs, differentiable: true);
        var second = tape.Gradients(first[inputs[0]].Square().Sum(), inputs, differentiable: true);
        HashSet<Type> seen = [];
        for (var v = second[inputs[0]]; v is not null; v = v.Previous)
        {
            if (v.Op?.GetType() is { } type)
                seen.Add(type.IsGenericType ? type.GetGenericTypeDefinition() : type);
        }
        return seen;
    }

    public override string ToString() => Name;
}
