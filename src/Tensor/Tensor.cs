namespace GanFromScratch.Tensors;

/// <summary>
/// Numbers on a device: a shape and the storage that holds its elements, contiguous, row-major, float32. A tensor knows no arithmetic.
/// Disposing it returns the storage to the device's pool.
/// </summary>
public sealed class Tensor : IDisposable
{
    private readonly bool _borrowed;
    private Storage? _storage;

    /// <summary>Creates a tensor with undefined elements.</summary>
    public Tensor(Device device, Shape shape)
    {
        Shape = shape;
        _storage = device.Rent(shape.Count);
    }

    private Tensor(Storage storage, Shape shape, bool borrowed) => (_storage, _borrowed, Shape) = (storage, borrowed, shape);

    /// <summary>The extents.</summary>
    public Shape Shape { get; private set; }

    /// <summary>The number of elements.</summary>
    public int Count => Shape.Count;

    /// <summary>The elements' storage.</summary>
    /// <exception cref="ObjectDisposedException">The storage was handed back: the tensor, or the tape that owned it, was
    /// disposed.</exception>
    public Storage Storage => _storage ?? throw new ObjectDisposedException(
        nameof(Tensor), $"Tensor {Shape}: its storage was handed back; copy what must outlive the tape that made it");

    /// <summary>The device that holds the elements.</summary>
    public Device Device => Storage.Device;

    /// <summary>Creates a tensor of these numbers.</summary>
    /// <exception cref="ArgumentException">Not as many numbers as the shape has elements.</exception>
    public static Tensor From(Device device, Shape shape, ReadOnlySpan<float> values)
    {
        CheckFills(values.Length, shape); // before a block is rented, which nobody would hand back
        var tensor = new Tensor(device, shape);
        device.Upload(values, tensor.Storage);
        return tensor;
    }

    /// <summary>Creates a tensor of equal numbers.</summary>
    public static Tensor Filled(Device device, Shape shape, float value)
    {
        var tensor = new Tensor(device, shape);
        device.Fill(tensor.Storage, tensor.Count, value);
        return tensor;
    }

    /// <summary>Returns a view of a block's first elements; it is no holder.</summary>
    internal static Tensor FrontOf(Storage storage, Shape shape) => new(storage, shape, borrowed: true);

    /// <summary>Returns a view of the same elements under another shape; it ends with this tensor.</summary>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public Tensor As(Shape shape) => shape.Count == Count
        ? new(Storage, shape, borrowed: true)
        : throw new ArgumentException($"As: {Shape} has {Count} elements, {shape} {shape.Count}; only the extents can change");

    /// <summary>
    /// Returns another holder of the same elements: the storage goes back to the pool when both are disposed. The elements may not be
    /// overwritten as long as someone still has to read them.
    /// </summary>
    public Tensor Share()
    {
        Storage.Holders++;
        return new(Storage, Shape, borrowed: false);
    }

    /// <summary>Overwrites all elements with these numbers.</summary>
    /// <exception cref="ArgumentException">Not as many numbers as elements.</exception>
    public void CopyFrom(ReadOnlySpan<float> values)
    {
        CheckFills(values.Length, Shape);
        Device.Upload(values, Storage);
    }

    /// <summary>Copies all elements to the host.</summary>
    /// <exception cref="ArgumentException">Not as many places as elements.</exception>
    public void CopyTo(Span<float> values)
    {
        if (values.Length != Count)
            throw new ArgumentException($"CopyTo: {Shape} has {Count} elements, the target {values.Length}");
        Device.Download(Storage, values);
    }

    /// <summary>Returns all elements in a new array.</summary>
    public float[] ToArray()
    {
        var values = new float[Count];
        CopyTo(values);
        return values;
    }

    /// <summary>Returns the only element of a tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor hasn't exactly one element.</exception>
    public float Item()
    {
        if (Count != 1)
            throw new InvalidOperationException($"Item: {Shape} has {Count} elements, not one");
        Span<float> value = stackalloc float[1];
        CopyTo(value);
        return value[0];
    }

    /// <summary>Requests the only element of a tensor, without waiting for the device to compute it.</summary>
    /// <exception cref="InvalidOperationException">The tensor hasn't exactly one element.</exception>
    public DeferredScalar ReadDeferred()
    {
        if (Count != 1)
            throw new InvalidOperationException($"ReadDeferred: {Shape} has {Count} elements, not one");
        var number = default(DeferredScalar);
        Device.ReadDeferred(Storage, new Span<DeferredScalar>(ref number));
        return number;
    }

    /// <summary>Requests the first elements of a tensor, without waiting for the device to compute them.</summary>
    /// <exception cref="ArgumentException">It has fewer.</exception>
    public void ReadDeferred(Span<DeferredScalar> to)
    {
        if (Count < to.Length)
            throw new ArgumentException($"ReadDeferred: {Shape} has {Count} elements, not {to.Length}");
        Device.ReadDeferred(Storage, to);
    }

    /// <summary>
    /// Recycles a disposed tensor's object as a new tensor with undefined elements. For a caller that has shown it to nobody: another
    /// holder would see the new numbers.
    /// </summary>
    /// <exception cref="InvalidOperationException">The tensor isn't disposed, or is a view.</exception>
    public void Recycle(Device device, Shape shape)
    {
        if (_storage is not null || _borrowed)
            throw new InvalidOperationException($"Recycle: the tensor {Shape} is in use, or has another one's storage");
        Shape = shape;
        _storage = device.Rent(shape.Count);
    }

    /// <summary>Returns the storage to the device's pool.</summary>
    public void Dispose()
    {
        if (_storage is not null && !_borrowed)
            _storage.Device.Return(_storage);
        _storage = null;
    }

    private static void CheckFills(int numbers, Shape shape)
    {
        if (numbers != shape.Count)
            throw new ArgumentException($"CopyFrom: {numbers} numbers do not fill {shape}, which has {shape.Count} elements");
    }
}
