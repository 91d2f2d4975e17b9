using System.Runtime.InteropServices;

namespace GanFromScratch.Tensors;

/// <summary>A driver's shared library and its functions. It is never unloaded: drivers have threads of their own.</summary>
internal sealed unsafe class DriverLibrary
{
    private readonly nint _handle;
    private readonly string _name;

    private DriverLibrary(nint handle, string name) => (_handle, _name) = (handle, name);

    /// <summary>The address of a function.</summary>
    /// <exception cref="DeviceException">The library is too old to have it.</exception>
    public void* this[string function] => NativeLibrary.TryGetExport(_handle, function, out nint address)
        ? (void*)address
        : throw new DeviceException($"the library {_name} has no function {function}, so it is too old or another one; update the driver");

    /// <summary>The first library of these names that the system finds, or null.</summary>
    public static DriverLibrary? Find(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint handle))
                return new DriverLibrary(handle, name);
        }
        return null;
    }
}
