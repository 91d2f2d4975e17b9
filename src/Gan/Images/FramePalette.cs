using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing.Processors.Quantization;

namespace GanFromScratch.Gan.Images;

/// <summary>
/// A palette of 256 colours for all frames of an animation, in which a colour always has the same index. Up to 256 different colours are
/// exact. More are quantised by Wu's method, as ImageSharp has it, from all frames' histogram of five bits a channel.
/// </summary>
internal sealed class FramePalette : IQuantizer
{
    /// <summary>Number of colours.</summary>
    public const int Size = 256;

    private const int Cells = 1 << 15;

    // pixels that stand for those of all frames
    private const long MosaicPixels = 1 << 20;

    private readonly Rgb24[] _colours = new Rgb24[Size];

    // of exact colours, by colour; without them, of cells
    private readonly Dictionary<int, byte>? _exact;
    private readonly byte[] _ofCell = [];

    private FramePalette(IEnumerable<int> colours)
    {
        _exact = [];
        foreach (int colour in colours)
        {
            byte index = (byte)_exact.Count;
            _colours[index] = Colour(colour);
            _exact[colour] = index;
        }
    }

    private FramePalette(Rgb24[] mosaic)
    {
        using var wu = new WuQuantizer(Options).CreatePixelSpecificQuantizer<Rgb24>(ImageWriter.Encoding);
        using var picture = SixLabors.ImageSharp.Image.LoadPixelData(ImageWriter.Encoding, mosaic, mosaic.Length, 1);
        wu.BuildPaletteAndQuantizeFrame(picture.Frames.RootFrame, picture.Bounds()).Dispose();
        wu.Palette.CopyTo(_colours);
        _ofCell = [.. Enumerable.Range(0, Cells).Select(cell => wu.GetQuantizedColor(MiddleOf(cell), out _))];
    }

    /// <summary>All greys; the index of each is its value.</summary>
    public static FramePalette Grey { get; } = new(Enumerable.Range(0, Size).Select(grey => grey * 0x010101));

    /// <inheritdoc/>
    public QuantizerOptions Options { get; } = new() { Dither = null };

    /// <summary>Makes the palette of colour frames, which are enumerated once.</summary>
    public static FramePalette Of(IEnumerable<Image> frames)
    {
        var exact = new HashSet<int>();
        var sums = new long[4 * Cells]; // of each cell: red, green, blue, count
        foreach (var frame in frames)
        {
            var pixels = frame.Pixels;
            for (int i = 0; i < pixels.Length; i += 3)
            {
                var colour = new Rgb24(pixels[i], pixels[i + 1], pixels[i + 2]);
                if (exact.Count <= Size)
                    exact.Add(Key(colour));
                var sum = sums.AsSpan(4 * CellOf(colour), 4);
                sum[0] += colour.R;
                sum[1] += colour.G;
                sum[2] += colour.B;
                sum[3]++;
            }
        }
        return exact.Count <= Size ? new FramePalette(exact.Order()) : new FramePalette(Mosaic(sums));
    }

    /// <inheritdoc/>
    public IQuantizer<TPixel> CreatePixelSpecificQuantizer<TPixel>(Configuration configuration)
        where TPixel : unmanaged, IPixel<TPixel> => CreatePixelSpecificQuantizer<TPixel>(configuration, Options);

    /// <inheritdoc/>
    public IQuantizer<TPixel> CreatePixelSpecificQuantizer<TPixel>(Configuration configuration, QuantizerOptions options)
        where TPixel : unmanaged, IPixel<TPixel> => (IQuantizer<TPixel>)(object)new Lookup(this, configuration);

    // the mean colour of each cell, as often as it is there
    private static Rgb24[] Mosaic(long[] sums)
    {
        var cells = sums.Chunk(4).Where(sum => sum[3] > 0).ToArray();
        long all = cells.Sum(sum => sum[3]);
        return [.. cells.SelectMany(sum => Enumerable.Repeat(
            new Rgb24((byte)(sum[0] / sum[3]), (byte)(sum[1] / sum[3]), (byte)(sum[2] / sum[3])),
            (int)Math.Max(1, sum[3] * MosaicPixels / all)))];
    }

    private static int Key(Rgb24 colour) => colour.R << 16 | colour.G << 8 | colour.B;

    private static Rgb24 Colour(int key) => new((byte)(key >> 16), (byte)(key >> 8), (byte)key);

    private static int CellOf(Rgb24 colour) => colour.R >> 3 << 10 | colour.G >> 3 << 5 | colour.B >> 3;

    private static Rgb24 MiddleOf(int cell) => new((byte)(cell >> 10 << 3 | 4), (byte)(cell >> 5 << 3 | 4), (byte)(cell << 3 | 4));

    // zero for a colour that wasn't there when the palette was made
    private byte IndexOf(Rgb24 colour) => _exact is null ? _ofCell[CellOf(colour)] : _exact.GetValueOrDefault(Key(colour));

    /// <summary>Looks colours up for an encoder, which wants a structure.</summary>
    private readonly struct Lookup(FramePalette palette, Configuration configuration) : IQuantizer<Rgb24>
    {
        public Configuration Configuration => configuration;

        public QuantizerOptions Options => palette.Options;

        public ReadOnlyMemory<Rgb24> Palette => palette._colours;

        // the palette is made
        public void AddPaletteColors(Buffer2DRegion<Rgb24> pixelRegion)
        {
        }

        public IndexedImageFrame<Rgb24> QuantizeFrame(ImageFrame<Rgb24> source, Rectangle bounds)
        {
            var self = this;
            return QuantizerUtilities.QuantizeFrame(ref self, source, bounds);
        }

        public byte GetQuantizedColor(Rgb24 color, out Rgb24 match)
        {
            byte index = palette.IndexOf(color);
            match = palette._colours[index];
            return index;
        }

        public void Dispose()
        {
        }
    }
}
