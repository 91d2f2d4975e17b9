using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

// grey[files, h, w], colour[files, h, w, 3]: both while it is open which of them most pictures need

/// <summary>The pictures of a tree as they are read, by several threads, and what became of each.</summary>
internal sealed class PictureReading
{
    private const int ListedFaults = 10;

    private readonly PictureRequest _request;
    private readonly PictureShape _greyShape, _colourShape;
    private readonly byte[]? _grey, _colour;
    private readonly string _root;

    /// <summary>Makes room for pictures.</summary>
    /// <exception cref="GanException">Usage: there is none.</exception>
    public PictureReading(PictureRequest request, string root, PictureListing listing)
    {
        (_request, _root, Listing, Found) = (request, root, listing, new FoundPicture[listing.Files.Count]);
        (_greyShape, _colourShape) = (request.ShapeOfFiles(isColour: false), request.ShapeOfFiles(isColour: true));
        if (_greyShape.Channels == 1)
            _grey = Room(_greyShape);
        if (_colourShape.Channels == 3)
            _colour = Room(_colourShape);
        if (_grey is null && _colour is null)
            throw PictureRequest.TooMany(listing.Files.Count, _greyShape);
    }

    /// <summary>The files.</summary>
    public PictureListing Listing { get; }

    /// <summary>[files], what became of each.</summary>
    public FoundPicture[] Found { get; }

    /// <summary>Those that can be used.</summary>
    public IEnumerable<FoundPicture> Good => Found.Where(picture => picture.Fault is null);

    /// <summary>The sentences about those that can't be used.</summary>
    public IReadOnlyList<string> Faults => [.. Found.Select(picture => picture.Fault).OfType<string>()];

    /// <summary>Whether a file couldn't be read for a reason that isn't in it, such as its permissions.</summary>
    public bool HasPassingFaults { get; private set; }

    /// <summary>The shape that they get.</summary>
    public PictureShape Shape => _request.ShapeOfFiles(2 * Good.Count(picture => picture.IsColour) > Good.Count());

    /// <summary>Reads one of the files.</summary>
    public void Add(int index, PictureTree tree, PixelRoom room)
    {
        try
        {
            var (image, hadAlpha, kind) = tree.Read(Listing.Files[index], _request.Background, room);
            bool isColour = CentreCrop.IsColour(image);
            var grey = _grey is null ? default : _grey.AsSpan(index * _greyShape.Length, _greyShape.Length);
            var colour = _colour is null ? default : _colour.AsSpan(index * _colourShape.Length, _colourShape.Length);
            if (_greyShape.Width == _colourShape.Width)
                CentreCrop.Resize(image, _greyShape.Width, grey, colour, isColour);
            else
            {
                CentreCrop.Resize(image, _greyShape.Width, grey, default);
                CentreCrop.Resize(image, _colourShape.Width, default, colour, isColour);
            }
            Found[index] = new FoundPicture(image.Width, image.Height, kind, isColour, hadAlpha, null);
        }
        catch (GanException fault)
        {
            // a file that couldn't be read today may be read tomorrow, and looks the same
            if (fault.GetBaseException() is (IOException and not EndOfStreamException) or UnauthorizedAccessException)
                HasPassingFaults = true;
            Found[index] = new FoundPicture(0, 0, "", false, false, fault.Message);
        }
    }

    /// <summary>Makes the set of the usable pictures.</summary>
    /// <returns>The set, and what is to be known of it.</returns>
    /// <exception cref="GanException">Data: none is usable, or one isn't that isn't skipped. Usage: they are more than fit.</exception>
    public KeptSet ToSet(DatasetRequest request)
    {
        int all = Found.Length, good = Good.Count();
        if (good == 0 || (good < all && !request.SkipBadFiles))
        {
            string advice = good == 0
                ? "Put PNG, JPEG, BMP or WebP files there"
                : request.IsResumed ? "Repair or remove them: the run goes on with the pictures that it was trained on"
                : "Repair or remove them, or skip them with --skip-bad-files";
            throw new GanException(ExitCode.Data, $"{Unusable(all - good, all, _root)}. {advice}.")
            {
                Lines = Listed(Faults, request.ListsAll),
            };
        }
        var shape = Shape;
        byte[] pixels = (shape.Channels == 1 ? _grey : _colour) ?? throw PictureRequest.TooMany(all, shape);
        byte[]? labels = Listing.Labels;
        if (good < all)
        {
            int[] kept = [.. Enumerable.Range(0, all).Where(i => Found[i].Fault is null)];
            for (int i = 0; i < good; i++)
                pixels.AsSpan(kept[i] * shape.Length, shape.Length).CopyTo(pixels.AsSpan(i * shape.Length));
            Array.Resize(ref pixels, good * shape.Length);
            labels = labels is null ? null : [.. kept.Select(i => labels[i])];
        }
        string[] notes = AlphaNote() is { } note ? [note] : [];
        return new KeptSet(new ImageSet(PictureFolder.Name, _root, good, shape, pixels, labels, Listing.Classes), notes, Faults);
    }

    /// <summary>Says how many pictures have transparent parts, and what becomes of them; null: none has.</summary>
    public string? AlphaNote()
    {
        int clear = Good.Count(picture => picture.HadAlpha);
        string colour = _request.Background.ToString().ToLowerInvariant();
        return clear == 0 ? null
            : $"{clear:N0} of the {Plural.Of(Good.Count(), "picture")} in {_root} {(clear == 1 ? "has" : "have")} transparent parts, "
                + $"which become {colour}; see --background.";
    }

    /// <summary>Says how many pictures can't be used.</summary>
    public static string Unusable(int bad, int all, string root) => $"{bad:N0} of the {Plural.Of(all, "picture")} in {root} can't be used";

    /// <summary>Lists the first faults, or all.</summary>
    public static IReadOnlyList<string> Listed(IReadOnlyList<string> faults, bool all) => all || faults.Count <= ListedFaults
        ? faults
        : [.. faults.Take(ListedFaults), $"and {faults.Count - ListedFaults:N0} more; -v lists them all."];

    private byte[]? Room(PictureShape shape) =>
        PictureRequest.HasRoom(Found.Length, shape) ? new byte[Found.Length * shape.Length] : null;
}

/// <summary>What became of a file.</summary>
/// <param name="Width">Columns of the picture in it.</param>
/// <param name="Height">Rows.</param>
/// <param name="Kind">The kind of file, such as `PNG`.</param>
/// <param name="IsColour">Whether its channels differ anywhere.</param>
/// <param name="HadAlpha">Whether any of it was transparent.</param>
/// <param name="Fault">Why it can't be used, as a sentence; null: it can.</param>
internal sealed record FoundPicture(int Width, int Height, string Kind, bool IsColour, bool HadAlpha, string? Fault);
