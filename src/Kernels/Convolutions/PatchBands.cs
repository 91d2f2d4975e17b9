namespace GanFromScratch.Kernels;

/// <summary>
/// How a thread goes through the pixels of a <see cref="PatchGrid"/>: some pictures at a time, or bands of rows where pictures are large.
/// What it needs of the source for them, a band, stays in a second-level cache.
/// </summary>
/// <param name="grid">The grid.</param>
/// <param name="lineFloats">Floats of a row of the source in a band.</param>
internal readonly struct PatchBands(in PatchGrid grid, int lineFloats)
{
    private const int MostFloats = 64 * 1024; // 256 KiB
    private readonly int _height = grid.Height, _stride = grid.Stride, _tapsDown = grid.TapsDown, _pictures = grid.Pictures;

    /// <summary>Bands of all pictures.</summary>
    public int Count => _pictures * OfPicture;

    /// <summary>Bands of a picture.</summary>
    public int OfPicture => (_height + Rows - 1) / Rows;

    /// <summary>Rows of pixels of a band; a picture's last one may have fewer.</summary>
    public int Rows
    {
        get
        {
            int most = Math.Max(1, ((MostFloats / Math.Max(1, lineFloats)) - _tapsDown + _stride) / _stride);
            int bands = (_height + most - 1) / most;
            return (_height + bands - 1) / bands;
        }
    }

    /// <summary>Bands that are multiplied at once: of whole pictures several.</summary>
    public int AtOnce => OfPicture > 1 ? 1 : Math.Max(1, Math.Min(_pictures, MostFloats / Math.Max(1, FloatsOf(Rows))));

    /// <summary>Floats of all bands that are multiplied at once.</summary>
    public int Floats => AtOnce * FloatsOf(Rows);

    /// <summary>Returns the floats of a band of some rows.</summary>
    public int FloatsOf(int rows) => ((_stride * (rows - 1)) + _tapsDown) * lineFloats;
}
