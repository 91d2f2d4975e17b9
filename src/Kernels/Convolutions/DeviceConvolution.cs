using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>Convolutions on an accelerator.</summary>
internal static class DeviceConvolution
{
    public static void Run<E>(ConvolutionCall call, E epilogue)
        where E : struct, IDeviceEpilogue => throw new NotSupportedException();

    public static void KernelGradient(PatchGrid grid, Tensor x, Tensor dy, Tensor dw, bool accumulates) => throw new NotSupportedException();
}
