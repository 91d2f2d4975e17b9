using System.Diagnostics.CodeAnalysis;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>Checks a kernel's operands at its door, and opens them for a loop or a kernel.</summary>
internal static unsafe class Operands
{
    /// <summary>Returns the address of a tensor's first element in the machine's memory.</summary>
    /// <exception cref="NotSupportedException">The tensor is on another device.</exception>
    public static float* Pointer(this Tensor tensor) =>
        tensor.Storage is HostStorage storage ? storage.Pointer : throw new NotSupportedException(
            $"an operand {tensor.Shape} is on the device {tensor.Device.Name}, and this kernel runs on cpu");

    /// <summary>Returns a kernel's view of a tensor.</summary>
    /// <param name="tensor">The operand.</param>
    /// <param name="device">The accelerator that runs the kernel.</param>
    /// <exception cref="NotSupportedException">The tensor is on another device.</exception>
    public static ArrayView<float> On(this Tensor tensor, Device device) =>
        tensor.Device == device && device is AcceleratorDevice accelerator ? accelerator.View(tensor) : throw new NotSupportedException(
            $"an operand {tensor.Shape} is on the device {tensor.Device.Name}, and this kernel runs on {device.Name}");

    /// <summary>Requires equal shapes.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void SameShape(string op, Tensor a, Tensor b)
    {
        if (a.Shape != b.Shape)
            Refuse(op, a, b, "the shapes must be equal");
    }

    /// <summary>Requires one element of the row for each column of the matrix.</summary>
    /// <exception cref="ArgumentException">The row has another length.</exception>
    public static void RowOf(string op, Tensor matrix, Tensor row)
    {
        if (row.Count != matrix.Shape.Columns)
            Refuse(op, matrix, row, $"the row must have {matrix.Shape.Columns} elements, one for each column");
    }

    /// <summary>Refuses two operands: names the op, their shapes and the reason.</summary>
    /// <exception cref="ArgumentException">Always.</exception>
    [DoesNotReturn]
    public static void Refuse(string op, Tensor a, Tensor b, string why) =>
        throw new ArgumentException($"{op}: {a.Shape} with {b.Shape}: {why}");
}
