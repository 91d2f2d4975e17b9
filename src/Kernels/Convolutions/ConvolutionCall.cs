using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>The operands of a convolution or a transposed one, whose shapes fit.</summary>
internal readonly record struct ConvolutionCall
{
    private const int MostNarrowColumns = 4;

    /// <summary>Checks the shapes, and counts the products' floating-point operations, those with zeros at edges too.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public ConvolutionCall(Tensor x, Tensor w, Window window, bool transposed, Tensor y)
    {
        var (pictures, result) = transposed ? (y.Shape, x.Shape) : (x.Shape, y.Shape);
        Check(pictures, w.Shape, window, result);
        (X, W, Window, Transposed, Y) = (x, w, window, transposed, y);
        for (int i = 0; i < Grids; i++)
            y.Device.CountMatMul(Grid(i).Rows, Columns, Grid(i).Depth);
    }

    /// <summary>[N, H, W, C], or if transposed [N, H', W', O].</summary>
    public Tensor X { get; }

    /// <summary>The kernel, [rows, columns, C, O].</summary>
    public Tensor W { get; }

    /// <summary>The window.</summary>
    public Window Window { get; }

    /// <summary>Whether y is what a convolution makes x of.</summary>
    public bool Transposed { get; }

    /// <summary>[N, H', W', O], or if transposed [N, H, W, C].</summary>
    public Tensor Y { get; }

    /// <summary>Channels of the result.</summary>
    public int Columns => Y.Shape[3];

    /// <summary>Multiply-adds, those with zeros beyond edges too.</summary>
    public long MultiplyAdds => (long)(Transposed ? X : Y).Shape.Rows * W.Count;

    /// <summary>The number of grids.</summary>
    public int Grids => Transposed ? Window.Stride * Window.Stride : 1;

    /// <summary>
    /// Tells whether a result has few columns, and the taps of a pixel are neighbours in the source: then it is computed tap by tap.
    /// </summary>
    public static bool IsNarrow(Window window, bool transposed, Shape result) =>
        result[3] <= MostNarrowColumns && (transposed || window.Stride == 1);

    /// <summary>Returns the name in tables of timings: kind, order, shape, and the epilogue's name if it has one.</summary>
    public string Describe(string order, string epilogue)
    {
        string kind = Transposed ? "transposed convolution" : "convolution";
        return $"{kind}{order} {Y.Shape.Rows}x{Columns}x{MultiplyAdds / Math.Max(1, Y.Count)} {epilogue}".TrimEnd();
    }

    /// <summary>Returns a grid.</summary>
    public PatchGrid Grid(int i) => Transposed
        ? PatchGrid.OfTransposed(X.Shape, Window, Y.Shape, i / Window.Stride, i % Window.Stride)
        : PatchGrid.Of(X.Shape, Window, Y.Shape);

    /// <summary>
    /// Returns a grid whose patches hold those of all grids at its pixels; where they are in the result and in the kernel, and its chain,
    /// are those of the first one.
    /// </summary>
    public PatchGrid GridAround()
    {
        var around = Grid(0);
        for (int i = 1; i < Grids; i++)
            around = around.Around(Grid(i));
        return around;
    }

    /// <summary>Checks that a convolution makes a result of pictures.</summary>
    /// <exception cref="ArgumentException">It doesn't.</exception>
    public static void Check(Shape pictures, Shape kernel, Window window, Shape result)
    {
        if (kernel.Rank != 4 || kernel[0] != window.Height || kernel[1] != window.Width)
            throw new ArgumentException($"Convolution: a kernel {kernel} is no [{window.Height}, {window.Width}, in, out]");
        var shape = window.OutputShape(pictures, kernel[3]);
        if (pictures[3] != kernel[2] || shape != result)
        {
            throw new ArgumentException(
                $"Convolution: {window} with a kernel {kernel} makes {shape} of {kernel[2]} channels, not {result} of {pictures}");
        }
    }
}
