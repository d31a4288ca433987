"""The words of the pages that show recordings, documents and captured pages, by language (see `words`)."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "play_title": "Play and mark",
    "play_link": "Play it and mark moments",
    "play_look": "Play it",
    "strip": "Frames from beginning to end",
    "strip_help": "Grey and blurred. Choose one to go to its time.",
    "strip_show": "Uncover the frames",
    "not_prepared": "This part has not been prepared to be played.",
    "prepare_help": (
        "A small grey preview is made from the pictures and the sound, in the room that nothing gets out of. "
        "It takes about a third of the time that the part lasts."
    ),
    "prepare": "Prepare a preview",
    "is_prepared_now": "A preview is being prepared: {done} done.",
    "look_again": "Look how far it is",
    "could_not_prepare": "A preview could not be made:",
    "uncover_recording": "Uncover and play (V)",
    "listen": "Listen (V)",
    "play_pause": "Play or pause (K)",
    "frame_back": "Frame back (,)",
    "frame_on": "Frame on (.)",
    "sound_on": "Sound on (M)",
    "sound_off": "Sound off (M)",
    "no_sound": "It has no sound.",
    "slower": "Half speed",
    "time_code": "Time",
    "frame_number": "frame {number} of {count}",
    "position": "Position",
    "play_keys": (
        "V uncovers and covers. K plays and pauses, J and L go five seconds back and on, comma and full stop "
        "one frame. M turns the sound on. I and O set the beginning and the end of a mark."
    ),
    "listen_keys": (
        "V opens and closes. K plays and pauses, J and L go five seconds back and on. M turns the sound on. "
        "I and O set the beginning and the end of a mark."
    ),
    "part_of_recording": "Parts of the recording",
    "until_its_end": "of {length}",
    "waveform": "Waveform",
    "when_in_it": "When",
    "when_help": "Such as 12.48-12.52 or 1:02:03-1:02:10, from the beginning. Left empty, it is all of it.",
    "from_here": "From here (I)",
    "until_here": "Until here (O)",
    "region_of_frame": (
        "Draw a box on the picture while it stands still, or write it in pixels of the upright picture: "
        "x,y,width,height. To draw with keys, look at the frame closely."
    ),
    "frame_closely": "Look at this frame closely and mark it",
    "go_to_moment": "Go there",
    "whole_recording": "the whole recording",
    "frame_of": "Frame at {clock}",
    "back_to_recording": "Back to the recording",
    "play_without_script": "Play it uncovered, without sound",
    "replay_title": "The page as it was captured",
    "replay_about": "Made anew from what was captured, without scripts, in a frame that can ask for nothing.",
    "replay_link": "Replay it",
    "captured_on": "Captured on",
    "captured_unknown": "The capture does not say when it was made.",
    "taken_in_on": "Taken in on",
    "replay_pictures": "Show its {count} pictures",
    "replay_taller": "Make the frame taller",
    "replay_scroll": "Arrow keys scroll what is taller than the window. Esc hides everything at any time.",
    "not_replayed": "What could not be replayed",
    "replay_help": (
        "Scripts do not run, so what they would have drawn is missing. Forms and links do nothing. The "
        "original is kept as it came."
    ),
    "not_captured": "Not captured with it",
    "not_captured_count": "{count} pictures or style sheets that the page names",
    "all_captured": "Everything that the page names and that is shown here was captured with it.",
    "pages_of_document": "Its pages",
    "page_of_document": "Page {number} of {count}",
    "page_before": "Page before (,)",
    "page_after": "Next page (.)",
    "text_of_page": "Text that the page carries",
    "text_of_page_help": "As the file has it: it may differ from what is printed.",
    "no_text_of_page": "The file carries no text for this page.",
    "in_whole_text": "Where it stands in the whole text",
    "on_its_page": "Where it stands on its page",
    "versions_of_address": "Versions of one address",
    "version_earlier": "The earlier one",
    "version_later": "The later one",
    "version_beside": "beside this one",
    "version_changed": "What changed in the text since {exhibit}",
    "version_same": "The words of the text are the same.",
    "version_no_text": "Of one of them no text was kept, so no words can be compared.",
    "version_help": (
        "Readable texts are compared, not pictures. A page can show different people different things."
    ),
    "page_called": "page {number}",
    "text_not_kept": (
        "This text was found before texts of documents were kept to be quoted. Take the document in again."
    ),
    "quote_it": "Quote a statement from it",
    "quote_help": "Choose the words in the text above, or write them: to the letter as they stand there.",
    "quote_speaker": "Whose words they are",
    "quote_new_help": "Only if no claim of the list is meant.",
    "made_of_it": "What was made of it",
}

ARABIC: Mapping[str, str] = {
    "play_title": "شغّل وعلّم",
    "play_link": "شغّله وعلّم لحظات منه",
    "play_look": "شغّله",
    "strip": "لقطات من البداية إلى النهاية",
    "strip_help": "رمادية ومموّهة. اختر واحدة لتذهب إلى وقتها.",
    "strip_show": "اكشف اللقطات",
    "not_prepared": "لم يُحضَّر هذا الجزء للتشغيل بعد.",
    "prepare_help": (
        "تُصنع معاينة صغيرة رمادية من الصور والصوت في الغرفة التي لا يخرج منها شيء. "
        "يستغرق ذلك نحو ثلث مدة الجزء."
    ),
    "prepare": "حضّر معاينة",
    "is_prepared_now": "يجري تحضير معاينة: أُنجز {done}.",
    "look_again": "انظر كم أُنجز",
    "could_not_prepare": "تعذّر صنع معاينة:",
    "uncover_recording": "اكشف وشغّل (V)",
    "listen": "استمع (V)",
    "play_pause": "شغّل أو أوقف (K)",
    "frame_back": "لقطة إلى الوراء (,)",
    "frame_on": "لقطة إلى الأمام (.)",
    "sound_on": "شغّل الصوت (M)",
    "sound_off": "أسكت الصوت (M)",
    "no_sound": "لا صوت فيه.",
    "slower": "نصف السرعة",
    "time_code": "الوقت",
    "frame_number": "اللقطة {number} من {count}",
    "position": "الموضع",
    "play_keys": (
        "المفتاح V يكشف ويغطي، وK يشغّل ويوقف، وJ وL خمس ثوان إلى الوراء وإلى الأمام، والفاصلة والنقطة لقطة "
        "واحدة، وM يشغّل الصوت، وI وO يحددان بداية العلامة ونهايتها."
    ),
    "listen_keys": (
        "المفتاح V يفتح ويغلق، وK يشغّل ويوقف، وJ وL خمس ثوان إلى الوراء وإلى الأمام، وM يشغّل الصوت، "
        "وI وO يحددان بداية العلامة ونهايتها."
    ),
    "part_of_recording": "أجزاء التسجيل",
    "until_its_end": "من {length}",
    "waveform": "شكل الموجة",
    "when_in_it": "متى",
    "when_help": "مثل 12.48-12.52 أو 1:02:03-1:02:10 منذ البداية. إذا تُرك فارغًا فهو التسجيل كله.",
    "from_here": "من هنا (I)",
    "until_here": "إلى هنا (O)",
    "region_of_frame": (
        "ارسم مستطيلًا على الصورة وهي ساكنة، أو اكتبه ببكسلات الصورة القائمة: x,y,width,height. "
        "وللرسم بالمفاتيح انظر إلى اللقطة عن قرب."
    ),
    "frame_closely": "انظر إلى هذه اللقطة عن قرب وعلّمها",
    "go_to_moment": "اذهب إليها",
    "whole_recording": "التسجيل كله",
    "frame_of": "اللقطة عند {clock}",
    "back_to_recording": "عُد إلى التسجيل",
    "play_without_script": "شغّله مكشوفًا دون صوت",
    "replay_title": "الصفحة كما التُقطت",
    "replay_about": "صُنعت من جديد مما التُقط، دون برامج، في إطار لا يستطيع أن يطلب شيئًا.",
    "replay_link": "أعد عرضها",
    "captured_on": "التُقطت في",
    "captured_unknown": "لا تذكر النسخة الملتقطة متى صُنعت.",
    "taken_in_on": "وأُدخلت في",
    "replay_pictures": "أظهر صورها ({count})",
    "replay_taller": "أطِل الإطار",
    "replay_scroll": "مفاتيح الأسهم تمرّر ما هو أطول من النافذة، ومفتاح Esc يخفي كل شيء في أي وقت.",
    "not_replayed": "ما تعذّرت إعادة عرضه",
    "replay_help": (
        "لا تعمل البرامج، فما كانت سترسمه ناقص. النماذج والروابط لا تفعل شيئًا. والأصل محفوظ كما ورد."
    ),
    "not_captured": "لم يُلتقط معها",
    "not_captured_count": "{count} من الصور أو أوراق الأنماط التي تسميها الصفحة",
    "all_captured": "كل ما تسميه الصفحة ويظهر هنا التُقط معها.",
    "pages_of_document": "صفحاته",
    "page_of_document": "الصفحة {number} من {count}",
    "page_before": "الصفحة السابقة (,)",
    "page_after": "الصفحة التالية (.)",
    "text_of_page": "النص الذي تحمله الصفحة",
    "text_of_page_help": "كما هو في الملف، وقد يختلف عما هو مطبوع.",
    "no_text_of_page": "لا يحمل الملف نصًا لهذه الصفحة.",
    "in_whole_text": "مكانه في النص كله",
    "on_its_page": "مكانه في صفحته",
    "versions_of_address": "نسخ عنوان واحد",
    "version_earlier": "الأقدم",
    "version_later": "الأحدث",
    "version_beside": "بجانب هذه",
    "version_changed": "ما تغيّر في النص منذ {exhibit}",
    "version_same": "كلمات النص هي نفسها.",
    "version_no_text": "لم يُحفظ نص لإحداهما، فلا كلمات تُقارن.",
    "version_help": "تُقارن النصوص المقروءة لا الصور. وقد تعرض الصفحة لأشخاص مختلفين أشياء مختلفة.",
    "page_called": "الصفحة {number}",
    "text_not_kept": "عُثر على هذا النص قبل أن تُحفظ نصوص الوثائق للاقتباس منها. أدخل الوثيقة من جديد.",
    "quote_it": "اقتبس منه قولًا",
    "quote_help": "اختر الكلمات من النص أعلاه أو اكتبها حرفًا بحرف كما وردت فيه.",
    "quote_speaker": "كلمات من هي",
    "quote_new_help": "فقط إن لم يكن المقصود أيًا من ادعاءات القائمة.",
    "made_of_it": "ما صُنع منه",
}
