using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace GanFromScratch.Tensors;

/// <summary>Classifies and describes ILGPU's exceptions, none of which reaches a user as it is.</summary>
internal static class AcceleratorFault
{
    // CUDA_ERROR_...: of those that follow a kernel, the ones after which a context is of no use.
    private const int EccUncorrectable = 214, IllegalAddress = 700, LaunchTimeout = 702, HardwareStackError = 714, LaunchFailed = 719;

    /// <summary>Whether an exception is ILGPU's, or a driver's that ILGPU passes on.</summary>
    public static bool Is(Exception fault) =>
        fault is AcceleratorException or InternalCompilerException or CapabilityNotSupportedException or NotSupportedException
            or EntryPointNotFoundException; // a driver that is too old for a function

    /// <summary>Whether memory ran out.</summary>
    public static bool IsOutOfMemory(Exception fault) => fault switch
    {
        CudaException cuda => cuda.Error == nameof(CudaError.CUDA_ERROR_OUT_OF_MEMORY),
        CLException cl =>
            cl.Error is CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE or CLError.CL_OUT_OF_HOST_MEMORY or CLError.CL_INVALID_BUFFER_SIZE,
        _ => false,
    };

    /// <summary>Whether the device itself failed.</summary>
    public static bool IsLoss(Exception fault) =>
        fault is CudaException cuda && Enum.TryParse(cuda.Error, out CudaError error)
        && (int)error is EccUncorrectable or IllegalAddress or LaunchTimeout or (>= HardwareStackError and <= LaunchFailed);

    /// <summary>Returns the driver's message with its name for the error, or the number of one that ILGPU has no name for.</summary>
    public static string Describe(Exception fault) => fault switch
    {
        CudaException cuda => char.IsDigit(cuda.Error[0]) ? $"the error {cuda.Error} ({cuda.Message})" : $"{cuda.Error} ({cuda.Message})",
        CLException cl => $"{cl.Error}",
        InternalCompilerException { InnerException: { } cause } => cause.Message.Split('\n')[0].TrimEnd('.', '\r'),
        _ => fault.Message.Split('\n')[0].TrimEnd('.', '\r'),
    };
}
