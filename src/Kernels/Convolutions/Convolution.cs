using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// Convolutions of pictures [N, H, W, C] with a kernel [rows, columns, C, O]: forward, transposed (which is the gradient with respect to
/// the input) and the gradient with respect to the kernel, with bias and activation in the same pass.
/// </summary>
/// <remarks>
/// Each is a matrix product, of which one operand, the <see cref="PatchGrid"/>, is gathered from pictures as tiles are computed, and never
/// in memory. An element of a result is the sum of chains of fused multiply-adds, one for each line of the kernel (or for some lines,
/// where they have few channels), in order, by taps and channels, zeros at the edge included; one of a kernel's gradient is the sum of
/// chains over <see cref="RowsOfBlock"/> pixels each. Longer chains would lose digits: one over 3·3·128 numbers is off by several times
/// what PyTorch's sums are. So all devices give the same
/// bits.
/// </remarks>
public static unsafe class Convolution
{
    /// <summary>Pixels of the result in each of the sums that a kernel's gradient is added up from.</summary>
    public const int RowsOfBlock = 256;

    /// <summary>y = x convolved with w; or, transposed, what x is the gradient of: y's shape is then that of the input.</summary>
    /// <param name="x">[N, H, W, C], or if transposed [N, H', W', O].</param>
    /// <param name="w">[rows, columns, C, O]</param>
    /// <param name="window">The window.</param>
    /// <param name="transposed">Whether the convolution is transposed.</param>
    /// <param name="y">[N, H', W', O], or if transposed [N, H, W, C].</param>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Run(Tensor x, Tensor w, Window window, bool transposed, Tensor y)
    {
        var call = new ConvolutionCall(x, w, window, transposed, y);
        if (y.Device is CpuDevice cpu)
            CpuConvolution.Run(cpu, call, new StoreEpilogue());
        else
            DeviceConvolution.Run(call, default(DeviceStore));
    }

    /// <summary>y = f(x convolved with w + bias): a whole layer.</summary>
    /// <param name="x">[N, H, W, C], or if transposed [N, H', W', O].</param>
    /// <param name="w">[rows, columns, C, O]</param>
    /// <param name="bias">[channels of y]</param>
    /// <param name="activation">f</param>
    /// <param name="window">The window.</param>
    /// <param name="transposed">Whether the convolution is transposed.</param>
    /// <param name="y">[N, H', W', O], or if transposed [N, H, W, C].</param>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Layer<F>(Tensor x, Tensor w, Tensor bias, F activation, Window window, bool transposed, Tensor y)
        where F : struct, IActivation
    {
        var call = new ConvolutionCall(x, w, window, transposed, y);
        Operands.RowOf("Convolution", y, bias);
        if (y.Device is CpuDevice cpu)
            CpuConvolution.Run(cpu, call, new BiasEpilogue<F>(activation, bias.Pointer()));
        else
            DeviceConvolution.Run(call, new DeviceBias<F>(activation, bias.On(y.Device)));
    }

    /// <summary>
    /// z = f'(y)·(x convolved with w), where y is an activation's output: the gradient before the activation that a layer follows.
    /// </summary>
    /// <param name="x">[N, H, W, C], or if transposed [N, H', W', O].</param>
    /// <param name="w">[rows, columns, C, O]</param>
    /// <param name="window">The window.</param>
    /// <param name="transposed">Whether the convolution is transposed.</param>
    /// <param name="activation">f</param>
    /// <param name="y">Of z's shape; another tensor than z.</param>
    /// <param name="z">[N, H', W', O], or if transposed [N, H, W, C].</param>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Backward<F>(Tensor x, Tensor w, Window window, bool transposed, F activation, Tensor y, Tensor z)
        where F : struct, IActivation
    {
        Operands.SameShape("Convolution", y, z);
        var call = new ConvolutionCall(x, w, window, transposed, z);
        if (z.Device is CpuDevice cpu)
            CpuConvolution.Run(cpu, call, new SlopeEpilogue<F>(activation, y.Pointer()));
        else
            DeviceConvolution.Run(call, new DeviceSlope<F>(activation, y.On(z.Device)));
    }

    /// <summary>dw = the gradient of a convolution with respect to its kernel.</summary>
    /// <param name="x">[N, H, W, C], what was convolved.</param>
    /// <param name="dy">[N, H', W', O], the gradient of the result.</param>
    /// <param name="window">The window.</param>
    /// <param name="dw">[rows, columns, C, O]</param>
    /// <param name="accumulates">Whether it is added to what dw holds, block after block.</param>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void KernelGradient(Tensor x, Tensor dy, Window window, Tensor dw, bool accumulates = false)
    {
        ConvolutionCall.Check(x.Shape, dw.Shape, window, dy.Shape);
        var grid = PatchGrid.Of(x.Shape, window, dy.Shape);
        dw.Device.CountMatMul(grid.Depth, dy.Shape[3], grid.Rows);
        if (dw.Device is CpuDevice cpu)
            CpuConvolution.KernelGradient(cpu, grid, x, dy, dw, accumulates);
        else
            DeviceKernelGradient.Run(grid, x, dy, dw, accumulates);
    }
}
