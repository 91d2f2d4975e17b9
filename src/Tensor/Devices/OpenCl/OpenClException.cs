namespace GanFromScratch.Tensors;

/// <summary>A call of OpenCL that gave an error.</summary>
/// <param name="code">The standard's number for it.</param>
/// <param name="call">The function.</param>
/// <param name="log">The compiler's log, where the call was to it.</param>
internal sealed class OpenClException(int code, string call, string? log = null) : DriverException(log ?? $"{call} gave {NameOf(code)}")
{
    private const int MemObjectAllocationFailure = -4, OutOfResources = -5, OutOfHostMemory = -6, InvalidBufferSize = -61;

    /// <inheritdoc/>
    public override DriverFault Fault => code switch
    {
        _ when log is not null => DriverFault.RejectedProgram,
        MemObjectAllocationFailure or OutOfHostMemory => DriverFault.OutOfMemory,
        // larger than one block may be, as far as these codes go; elsewhere OutOfResources is what some drivers say of a kernel that
        // crashed
        InvalidBufferSize or OutOfResources when call == "clCreateBuffer" => DriverFault.OutOfMemory,
        _ => DriverFault.Failed,
    };

    /// <summary>Throws where a call didn't succeed.</summary>
    public static void Check(int code, string call)
    {
        if (code != 0)
            throw new OpenClException(code, call);
    }

    // Those that a program can meet; the others are mistakes in its arguments, and a number to look up.
    private static string NameOf(int code) => code switch
    {
        -1 => "CL_DEVICE_NOT_FOUND",
        -2 => "CL_DEVICE_NOT_AVAILABLE",
        -3 => "CL_COMPILER_NOT_AVAILABLE",
        MemObjectAllocationFailure => "CL_MEM_OBJECT_ALLOCATION_FAILURE",
        OutOfResources => "CL_OUT_OF_RESOURCES",
        OutOfHostMemory => "CL_OUT_OF_HOST_MEMORY",
        -11 => "CL_BUILD_PROGRAM_FAILURE",
        -14 => "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST",
        -30 => "CL_INVALID_VALUE",
        -42 => "CL_INVALID_BINARY",
        -46 => "CL_INVALID_KERNEL_NAME",
        -49 => "CL_INVALID_ARG_INDEX",
        -51 => "CL_INVALID_ARG_SIZE",
        -52 => "CL_INVALID_KERNEL_ARGS",
        -54 => "CL_INVALID_WORK_GROUP_SIZE",
        InvalidBufferSize => "CL_INVALID_BUFFER_SIZE",
        -1001 => "CL_PLATFORM_NOT_FOUND_KHR",
        _ => $"the error {code}",
    };
}
